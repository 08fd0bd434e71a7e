import { describe, expect, it } from '@jest/globals';
import { BadLogins } from './bad-logins.js';

function setUp(): {
  logins: BadLogins;
  clock: { ms: number };
  fail: (times: number, address?: string) => void;
} {
  const clock = { ms: 0 };
  const logins = new BadLogins({ now: () => new Date(clock.ms), monotonicMs: () => clock.ms });
  const fail = (times: number, address = '10.0.0.1'): void => {
    for (let count = 0; count < times; count += 1) logins.note(address);
  };
  return { logins, clock, fail };
}

describe('BadLogins', () => {
  it('refuses the eleventh within a minute and says how long to wait', () => {
    const { clock, fail } = setUp();
    fail(10);
    clock.ms = 20_000;
    expect(() => fail(1)).toThrow(
      expect.objectContaining({ code: 'RATE_LIMITED', options: { retryAfterSeconds: 40 } }),
    );
  });

  it('forgets after a minute, and counts each address for itself', () => {
    const { clock, fail } = setUp();
    fail(10);
    expect(() => fail(10, '10.0.0.2')).not.toThrow();
    clock.ms = 60_000;
    expect(() => fail(10)).not.toThrow();
  });
});
