import type { Settings } from '@app/config';
import type { ReasonCode } from '@app/contracts';
import type { Release, TaskEntity } from '@app/tasks';
import type { RunFailure } from './run-failure.js';

/** Failures that pass by themselves: the task goes on later instead of failing. */
const PASSING: ReadonlySet<ReasonCode> = new Set([
  'rate_limited',
  'overloaded',
  'provider_error',
  'database_unavailable',
]);

/** Each wait is twice the one before, up to this many times the first. */
const LONGEST = 10;

/**
 * Whether a task that Claude could not serve waits and goes on, and how; null when it has failed. A usage limit with a
 * reset ends at that time, however often it comes. All else is tried a limited number of times. `nowMs` is the time
 * since 1970.
 */
export function deferralOf(
  failure: RunFailure,
  task: Pick<TaskEntity, 'deferrals' | 'limits'>,
  settings: Pick<Settings, 'maxDeferrals' | 'deferralSeconds'>,
  nowMs: number,
): Release | null {
  const most = task.limits?.max_deferrals ?? settings.maxDeferrals;
  if (most === 0) return null;
  const { reason, resetsAt, retryAfterMs = 0 } = failure;
  if (reason === 'usage_limit' && resetsAt !== undefined && Date.parse(resetsAt) > nowMs) {
    return { status: 'WAITING', reason: 'waiting_quota', countsAttempt: false, notBefore: resetsAt };
  }
  const passes = PASSING.has(reason) || reason === 'usage_limit';
  if (!passes || task.deferrals >= most) return null;
  const backOff = settings.deferralSeconds * Math.min(2 ** task.deferrals, LONGEST);
  return {
    status: 'QUEUED',
    reason,
    countsAttempt: false,
    countsDeferral: true,
    notBefore: { seconds: Math.max(backOff, Math.ceil(retryAfterMs / 1000)) },
  };
}
