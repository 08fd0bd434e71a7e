import { randomUUID } from 'node:crypto';
import { copyFile, mkdir, rename, rm, statfs } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';
import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { loadRows, plainTarget, sqliteFacts, switchToWal, type PlainTarget } from '@app/database';
import type { Paths } from '@app/paths';
import { errorCodeOf, storageError } from '../../storage-error.js';
import { readArchive } from '../archive-reader.js';
import type { Room } from '../entry-rules.js';
import { LINKS, META, SQLITE, type AboutBackup, type BackupTotals } from '../layout.js';
import { assertSameCounts, withDump } from '../stored-rows.js';
import { discard, finishRestore, putInPlace } from './finish-restore.js';
import { writeJournal, type RestoreJournal } from './journal.js';
import { moveBack } from './move.js';
import { planMoves } from './plan-moves.js';
import { restoreLinks } from './restore-links.js';
import { StagingSink } from './staging-sink.js';

export interface RestoreWish {
  archive: string;
  /** The ids of the master keys that are there. */
  keks: readonly string[];
  /** Restores although the stored credentials cannot be read: they must be stored again. */
  withoutCredentials?: boolean;
  /** Told of each step; tests end the process there. */
  step?: (name: string) => Promise<void>;
}

export interface Restored {
  about: AboutBackup;
  totals: BackupTotals;
  linksLeftOut: number;
}

const NO_STEPS = async (): Promise<void> => undefined;

/**
 * Replaces the data folder and the database by a backup, all or nothing: everything is unpacked and checked beside
 * what is there, then one write decides, and only then things move. The caller holds the data folder alone. Throws
 * what the archive is refused for, and the data is as it was.
 */
export async function restoreBackup(settings: Settings, paths: Paths, wish: RestoreWish): Promise<Restored> {
  const step = wish.step ?? NO_STEPS;
  await finishRestore(settings, paths);
  const tree = join(paths.restoring, 'new');
  const meta = join(paths.restoring, 'meta');
  const target = plainTarget(settings.database, paths.database);
  await mkdir(paths.restoring, { recursive: true, mode: 0o700 });
  try {
    const room = await roomOn(paths.data);
    const { about, totals } = await readArchive(
      wish.archive,
      new StagingSink(paths.data, tree, meta, async (found) => {
        assertReadable(found, wish);
        await step('unpacking');
      }),
      { draft: join(paths.restoring, 'found.ndjson'), room },
    );
    await step('unpacked');
    const linksLeftOut = await restoreLinks(join(meta, relative(META, LINKS)), tree);
    await keepMasterKeys(settings, paths, tree);
    const outside = await placeDatabase(target, paths, { about, totals, tree, meta });
    await step('ready');
    const journal: RestoreJournal = {
      version: 1,
      restore_id: randomUUID(),
      backup_id: about.backup_id,
      committed_by: target.kind === 'postgres' ? 'database' : 'journal',
      moves: await planMoves(paths, {
        tree,
        old: join(paths.restoring, 'old'),
        outside,
        keepDb: target.kind === 'postgres',
      }),
    };
    await writeJournal(paths, journal);
    await step('journal written');
    if (target.kind === 'postgres')
      await commitRows(target, { about, totals, tree, meta }, journal.restore_id);
    await step('committed');
    await swap(paths, journal, target, step);
    return { about, totals, linksLeftOut };
  } catch (error) {
    throw await afterFailure(settings, paths, error);
  }
}

/** Some file systems have no fixed number of files, and say 0. Folders take places that no entry names. */
async function roomOn(folder: string): Promise<Room> {
  const { bavail, bsize, files, ffree } = await statfs(folder);
  return { bytes: bavail * bsize, entries: files === 0 ? Number.MAX_SAFE_INTEGER : Math.floor(ffree * 0.9) };
}

interface Unpacked {
  about: AboutBackup;
  totals: BackupTotals;
  tree: string;
  meta: string;
}

function assertReadable({ kek }: AboutBackup, wish: RestoreWish): void {
  if (kek === null || wish.keks.includes(kek) || wish.withoutCredentials) return;
  throw new AppError(
    'KEK_MISMATCH',
    wish.keks.length === 0
      ? 'The credentials in the backup need the master key they were stored with, and none is here. Put it to credentials/master.key in DATA_DIR, or name it with MASTER_KEY_FILE; or restore with --without-credentials and store them again.'
      : 'The credentials in the backup belong to another master key. Name that one with MASTER_KEY_FILE, or restore with --without-credentials and store them again.',
  );
}

/** Where SQLite wants its file. Returns its staged place when that is outside of the data folder. */
async function placeDatabase(
  target: PlainTarget,
  paths: Paths,
  unpacked: Unpacked,
): Promise<{ live: string; staged: string } | null> {
  if (target.kind === 'postgres') return null;
  const { about, totals, tree } = unpacked;
  const staged = join(tree, SQLITE);
  if (about.database === 'rows') {
    await mkdir(dirname(staged), { recursive: true });
    await withDump(unpacked, (dump) => loadRows({ kind: 'sqlite', file: staged }, dump, totals.tables));
  }
  assertSameCounts((await sqliteFacts(staged)).tables, totals.tables);
  await switchToWal(staged);
  const inData = relative(paths.data, target.file);
  if (inData === SQLITE.split('/').join(sep)) return null;
  if (!inData.startsWith('..')) {
    await mkdir(dirname(join(tree, inData)), { recursive: true });
    await rename(staged, join(tree, inData));
    return null;
  }
  const beside = join(dirname(target.file), `.${basename(target.file)}.restore`);
  await copyFile(staged, beside);
  await rm(staged);
  return { live: target.file, staged: beside };
}

async function commitRows(target: PlainTarget, unpacked: Unpacked, marker: string): Promise<void> {
  await withDump(unpacked, (dump) => loadRows(target, dump, unpacked.totals.tables, marker));
}

/** Master keys are in no backup: those that are there stay. */
async function keepMasterKeys(settings: Settings, paths: Paths, tree: string): Promise<void> {
  for (const file of [join(paths.credentials, 'master.key'), settings.masterKeyFile]) {
    const inData = file === null ? '..' : relative(paths.data, file);
    if (file === null || inData.startsWith('..')) continue;
    await mkdir(dirname(join(tree, inData)), { recursive: true, mode: 0o700 });
    await copyFile(file, join(tree, inData)).catch((error: unknown) => {
      if (errorCodeOf(error) !== 'ENOENT') throw error;
    });
  }
}

/** What fails between the renames is taken back at once where that is still possible. */
async function swap(
  paths: Paths,
  journal: RestoreJournal,
  target: PlainTarget,
  step: (name: string) => Promise<void>,
): Promise<void> {
  try {
    await putInPlace(paths, journal, target, step);
  } catch (error) {
    if (journal.committed_by === 'database') throw error;
    for (const move of [...journal.moves].reverse()) await moveBack(move);
    await discard(paths, journal);
    throw error;
  }
}

/** Before the commit nothing stays of it; after it the next start goes on. */
async function afterFailure(settings: Settings, paths: Paths, error: unknown): Promise<unknown> {
  await finishRestore(settings, paths).catch(() => undefined);
  return storageError(error);
}
