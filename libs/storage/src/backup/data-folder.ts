import { setTimeout as wait } from 'node:timers/promises';
import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { countLiveProcesses, plainTarget, tryLock, type HeldLock } from '@app/database';
import { Paths } from '@app/paths';
import { storageError } from '../storage-error.js';
import { isThere } from './restore/move.js';
import { finishRestore, type RestoreEnd } from './restore/finish-restore.js';

/** Another process that starts at the same moment may be ending the interrupted restore. */
const PATIENCE_MS = 20_000;
const POLL_MS = 100;
const STOP_IT =
  'Stop it, with all its workers, and run this again: what it has open would be lost or mixed in.';

/**
 * Every process that works on the data folder enters it first and leaves it last; a restore wants it alone. Whoever
 * finds a restore that was killed ends it, before anything opens the database. Throws `DATA_IN_USE`.
 */
export async function enterDataFolder(
  settings: Settings,
  told: (end: RestoreEnd) => void = () => undefined,
): Promise<HeldLock> {
  const paths = new Paths(settings);
  try {
    const deadline = performance.now() + PATIENCE_MS;
    while (await isThere(paths.restoring)) {
      const alone = await tryLock(paths.lock, 'exclusive');
      if (alone) {
        try {
          told(await finishRestore(settings, paths));
        } finally {
          await alone.release();
        }
      } else if (performance.now() > deadline) break;
      else await wait(POLL_MS);
    }
    const held = await tryLock(paths.lock, 'shared');
    if (held) return held;
  } catch (error) {
    throw storageError(error);
  }
  throw new AppError(
    'DATA_IN_USE',
    'A restore is running on this data folder. Wait until it has ended, then start again.',
  );
}

/**
 * For a restore. Throws `DATA_IN_USE` while anything else works on the data: here, or on another machine that shares
 * Postgres alone.
 */
export async function enterAlone(settings: Settings, paths: Paths): Promise<HeldLock> {
  const held = await tryLock(paths.lock, 'exclusive');
  if (!held) throw new AppError('DATA_IN_USE', `The service works on this data folder. ${STOP_IT}`);
  try {
    if ((await countLiveProcesses(plainTarget(settings.database, paths.database))) > 0) throw inUse();
    return held;
  } catch (error) {
    await held.release();
    throw error;
  }
}

function inUse(): AppError {
  return new AppError(
    'DATA_IN_USE',
    `Processes of the service were at work on this database a moment ago. ${STOP_IT} One that was killed counts for 15 s.`,
  );
}
