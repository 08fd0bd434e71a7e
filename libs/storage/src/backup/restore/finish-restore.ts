import { rm } from 'node:fs/promises';
import type { Settings } from '@app/config';
import { committedMarker, forgetMarker, plainTarget, type PlainTarget } from '@app/database';
import type { Paths } from '@app/paths';
import { readJournal, removeJournal, type RestoreJournal } from './journal.js';
import { isThere, moveForward } from './move.js';

export type RestoreEnd = 'nothing' | 'undone' | 'finished';

/**
 * Ends what a restore left when it was killed: before its commit nothing of it stays, after it everything is put in
 * place. The caller holds the data folder alone, and nothing has opened the database yet.
 */
export async function finishRestore(settings: Settings, paths: Paths): Promise<RestoreEnd> {
  if (!(await isThere(paths.restoring))) return 'nothing';
  const journal = await readJournal(paths);
  const target = plainTarget(settings.database, paths.database);
  if (journal && (await isCommitted(journal, target))) {
    await putInPlace(paths, journal, target);
    return 'finished';
  }
  await discard(paths, journal);
  return 'undone';
}

async function isCommitted(journal: RestoreJournal, target: PlainTarget): Promise<boolean> {
  if (journal.committed_by === 'journal') return true;
  return (await committedMarker(target)) === journal.restore_id;
}

/** The journal goes last but one: whatever comes before it can be done again. */
export async function putInPlace(
  paths: Paths,
  journal: RestoreJournal,
  target: PlainTarget,
  step: (name: string) => Promise<void> = async () => undefined,
): Promise<void> {
  for (const [index, move] of journal.moves.entries()) {
    await moveForward(move);
    await step(`moved ${index + 1}`);
  }
  if (journal.committed_by === 'database') await forgetMarker(target);
  await step('marker gone');
  await removeJournal(paths);
  await step('journal gone');
  await removeOld(paths, journal);
}

export async function discard(paths: Paths, journal: RestoreJournal | null): Promise<void> {
  await removeJournal(paths);
  for (const { staged } of journal?.moves ?? []) {
    if (staged !== null) await rm(staged, { recursive: true, force: true });
  }
  await rm(paths.restoring, { recursive: true, force: true });
}

async function removeOld(paths: Paths, journal: RestoreJournal): Promise<void> {
  for (const { old } of journal.moves) await rm(old, { recursive: true, force: true });
  await rm(paths.restoring, { recursive: true, force: true });
}
