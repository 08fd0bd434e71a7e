import { describe, expect, it } from '@jest/globals';
import { clockLagMs } from './clock-lag.js';

const NOW = Date.parse('2026-01-01T12:00:00.000Z');

describe('how far the clock of this machine is behind that of the database', () => {
  it('is read from the lease that the database has just given', () => {
    const lease_until = '2026-01-01T13:00:12.000Z';
    expect(clockLagMs({ lease_until }, 12, NOW)).toBe(3_600_000);
  });

  it('is nothing when it is ahead, or when there is no lease', () => {
    expect(clockLagMs({ lease_until: '2026-01-01T11:00:12.000Z' }, 12, NOW)).toBe(0);
    expect(clockLagMs({ lease_until: null }, 12, NOW)).toBe(0);
  });
});
