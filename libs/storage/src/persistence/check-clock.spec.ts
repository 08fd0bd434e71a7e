import { describe, expect, it } from '@jest/globals';
import { checkClock } from './check-clock.js';

const nowMs = Date.parse('2026-01-22T10:00:00Z');
const check = (skewMs: number, lastStart: string | null = null) =>
  checkClock({
    nowMs,
    lastStart,
    skews: [
      { of: 'Postgres', skewMs: 3 },
      { of: 'Redis', skewMs },
    ],
  });

describe('the clock', () => {
  it('is well when machines differ by what a network explains', () => {
    expect(check(-4000)).toMatchObject({ level: 'ok' });
  });

  it('is told of by the worst of them', () => {
    expect(check(-6000)).toMatchObject({
      level: 'warn',
      code: 'CLOCK_SKEW',
      message: expect.stringContaining('Redis'),
    });
    expect(check(3_600_000)).toMatchObject({ level: 'fail', code: 'CLOCK_SKEW' });
  });

  it('is told of when it went back behind the last start', () => {
    expect(check(0, '2026-01-22T11:00:00Z')).toMatchObject({ code: 'CLOCK_WENT_BACK' });
    expect(check(0, '2026-01-22T09:59:00Z')).toMatchObject({ level: 'ok' });
  });
});
