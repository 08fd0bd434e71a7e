import { describe, expect, it } from '@jest/globals';
import type { ReasonCode } from '@app/contracts';
import { deferralOf } from './deferral.js';

const settings = { maxDeferrals: 5, deferralSeconds: 30 };
const NOW = Date.parse('2030-01-01T12:00:00.000Z');
const failure = (reason: ReasonCode) => ({ reason, message: 'x' });
const task = (deferrals: number, max_deferrals?: number) => ({
  deferrals,
  limits: max_deferrals === undefined ? null : { max_deferrals },
});

describe('a task that Claude could not serve', () => {
  it('is put off longer each time, until its deferrals are used up', () => {
    const waits = [0, 1, 2, 3, 4, 5].map(
      (deferrals) => deferralOf(failure('overloaded'), task(deferrals), settings, NOW)?.notBefore,
    );
    expect(waits).toEqual([
      { seconds: 30 },
      { seconds: 60 },
      { seconds: 120 },
      { seconds: 240 },
      { seconds: 300 },
      undefined,
    ]);
  });

  it('keeps its attempt, because nobody was lost', () => {
    expect(deferralOf(failure('rate_limited'), task(0), settings, NOW)).toMatchObject({
      status: 'QUEUED',
      reason: 'rate_limited',
      countsAttempt: false,
      countsDeferral: true,
    });
  });

  it('waits as long as Claude asks for', () => {
    const asked = { ...failure('rate_limited'), retryAfterMs: 90_400 };
    expect(deferralOf(asked, task(0), settings, NOW)?.notBefore).toEqual({ seconds: 91 });
  });

  it('obeys its own limit before the setting', () => {
    expect(deferralOf(failure('overloaded'), task(5, 6), settings, NOW)).not.toBeNull();
    expect(deferralOf(failure('overloaded'), task(1, 1), settings, NOW)).toBeNull();
  });

  it('is parked until a usage limit is reset, however often that happens', () => {
    const limit = { ...failure('usage_limit'), resetsAt: '2030-01-01T17:00:00.000Z' };
    expect(deferralOf(limit, task(5), settings, NOW)).toEqual({
      status: 'WAITING',
      reason: 'waiting_quota',
      countsAttempt: false,
      notBefore: '2030-01-01T17:00:00.000Z',
    });
  });

  it('does not go round in circles when the reset has passed already', () => {
    const limit = { ...failure('usage_limit'), resetsAt: '2030-01-01T11:00:00.000Z' };
    expect(deferralOf(limit, task(0), settings, NOW)).toMatchObject({
      status: 'QUEUED',
      countsDeferral: true,
    });
    expect(deferralOf(limit, task(5), settings, NOW)).toBeNull();
  });

  it.each(['auth_failed', 'billing_error', 'invalid_request', 'max_turns', 'engine_failed'] as const)(
    'fails at once for %s, which does not pass by itself',
    (reason) => {
      expect(deferralOf(failure(reason), task(0), settings, NOW)).toBeNull();
    },
  );

  it('fails at once when deferrals are turned off', () => {
    const limit = { ...failure('usage_limit'), resetsAt: '2030-01-01T17:00:00.000Z' };
    expect(deferralOf(failure('overloaded'), task(0, 0), settings, NOW)).toBeNull();
    expect(deferralOf(limit, task(0, 0), settings, NOW)).toBeNull();
  });
});
