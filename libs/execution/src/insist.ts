import { setTimeout as delay } from 'node:timers/promises';
import { databaseError, tookNothing } from '@app/database';
import type { RunningTask } from './running-tasks.js';

const RETRY_MS = 250;
/** Tries with an error that nobody has thought of: it may be gone with the next one, or stay for ever. */
const STRANGE_TRIES = 4;
/** A disk that somebody clears at once costs no run; a run that cannot store what it says must not go on saying it. */
const FULL_PATIENCE_MS = 4000;

/**
 * A write of a run. It is tried until the database takes it, for a database that is away for a moment must not cost an
 * attempt, and it ends with null when the lease does: nothing is written after that, and nothing waits for a database
 * that does not answer. `again` tells the write that an earlier try may have been stored although its answer was lost.
 * When the storage stays full for as long as the patience, it throws that; and an error that is neither an outage nor a
 * refusal after a few tries.
 */
export async function insist<T>(
  running: RunningTask,
  write: (again: boolean) => Promise<T | null>,
  fullPatienceMs = FULL_PATIENCE_MS,
): Promise<T | null> {
  const startedAtMs = performance.now();
  let strange = 0;
  for (let again = false; running.mayWrite(); again = true) {
    try {
      const written = await untilFenced(running.fenced, write(again));
      running.noteStorage('room');
      return written;
    } catch (error) {
      const known = databaseError(error);
      if (!known && (tookNothing(error) || (strange += 1) >= STRANGE_TRIES)) throw error;
      if (known?.code === 'STORAGE_FULL') {
        running.noteStorage('full');
        if (performance.now() - startedAtMs >= fullPatienceMs) throw error;
      }
    }
    // Not all at once again: those who failed together must not fail for the same one's sake each time.
    await delay(RETRY_MS * (0.5 + Math.random()), undefined, { signal: running.fenced }).catch(
      () => undefined,
    );
  }
  return null;
}

async function untilFenced<T>(fenced: AbortSignal, work: Promise<T | null>): Promise<T | null> {
  let giveUp = (): void => undefined;
  const lost = new Promise<null>((resolve) => (giveUp = () => resolve(null)));
  fenced.addEventListener('abort', giveUp);
  try {
    return await Promise.race([work, lost]);
  } finally {
    fenced.removeEventListener('abort', giveUp);
  }
}
