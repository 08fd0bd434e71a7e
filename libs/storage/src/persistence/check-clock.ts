import type { PersistenceFinding } from '@app/contracts';
import { fail, ok, warn } from './finding.js';

/** As far as a network and a busy machine explain it; behind a minute leases and schedules go wrong. */
const SKEW_WARN_MS = 5000;
const SKEW_FAIL_MS = 60_000;

export interface Clocks {
  nowMs: number;
  /** How far the clocks of other machines are from ours; those that were asked. */
  skews: readonly { of: string; skewMs: number }[];
  /** When the service started last, by its own clock. */
  lastStart: string | null;
}

export function checkClock({ nowMs, skews, lastStart }: Clocks): PersistenceFinding {
  if (lastStart !== null && Date.parse(lastStart) > nowMs + SKEW_FAIL_MS) {
    return warn(
      'clock',
      'CLOCK_WENT_BACK',
      `This machine says that it is ${new Date(nowMs).toISOString()}, and the service started last at ${lastStart}.`,
      'Set the clock, and let NTP keep it.',
    );
  }
  const worst = [...skews].sort((one, other) => Math.abs(other.skewMs) - Math.abs(one.skewMs))[0];
  if (!worst) return ok('clock', 'There is no other clock to compare with.');
  const text = `This machine and ${worst.of} differ by ${(Math.abs(worst.skewMs) / 1000).toFixed(1)} s`;
  const remedy = 'Let NTP set the clocks of both machines.';
  if (Math.abs(worst.skewMs) > SKEW_FAIL_MS) {
    return fail('clock', 'CLOCK_SKEW', `${text}: instants of tasks and schedules are wrong.`, remedy);
  }
  if (Math.abs(worst.skewMs) > SKEW_WARN_MS) return warn('clock', 'CLOCK_SKEW', `${text}.`, remedy);
  return ok('clock', `${text}.`);
}
