import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** How long to keep asking. */
  timeoutMs?: number;
  intervalMs?: number;
  /** What was waited for, for the message of the failure: "the task to be cancelled". */
  what?: string;
}

/**
 * Asks again and again until the condition gives something truthy, and returns that. A condition that throws has
 * not come true yet, so `expect` may be used in it; what it last threw is the cause of the failure.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { timeoutMs = 5_000, intervalMs = 20, what = 'the condition' }: WaitOptions = {},
): Promise<NonNullable<T>> {
  const deadline = performance.now() + timeoutMs;
  let lastError: unknown;
  do {
    try {
      const value = await withDeadline(condition, deadline);
      if (value) return value;
      lastError = undefined;
    } catch (error) {
      lastError = error;
    }
    await delay(intervalMs);
  } while (performance.now() < deadline);
  const reason = lastError instanceof Error ? `: ${lastError.message}` : '';
  throw new Error(`Waited ${timeoutMs} ms in vain for ${what}${reason}`, { cause: lastError });
}

/** A condition that never answers must not outlast the wait. */
async function withDeadline<T>(condition: () => T | Promise<T>, deadline: number): Promise<T> {
  const timer = new AbortController();
  const late = delay(deadline - performance.now(), undefined, { signal: timer.signal, ref: false }).then(
    () => {
      throw new Error('it did not answer');
    },
  );
  late.catch(() => undefined);
  try {
    return await Promise.race([condition(), late]);
  } finally {
    timer.abort();
  }
}
