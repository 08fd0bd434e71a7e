import { existsSync } from 'node:fs';
import { appendFile, mkdir, open, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { dumpRows, plainTarget, snapshotSqlite, sqliteFacts, type OpenDump } from '@app/database';
import { serviceVersion, type Paths } from '@app/paths';
import { storageError } from '../storage-error.js';
import { syncFolder } from '../sync-folder.js';
import { ArchiveWriter } from './archive-writer.js';
import { dataTree, neverInBackup } from './data-tree.js';
import {
  ABOUT,
  FORMAT_VERSION,
  LINKS,
  ROWS,
  SQLITE,
  type AboutBackup,
  type BackupTotals,
  type BackupTrigger,
} from './layout.js';

export interface ArchiveWish {
  backupId: string;
  createdAt: Date;
  trigger: BackupTrigger;
  /** Which master key the stored credentials need. */
  kek: string | null;
  /** Where the archive goes; it appears there when it is complete. */
  archive: string;
  /** A folder for what is only needed meanwhile; removed at the end. */
  work: string;
  signal: AbortSignal;
  progress(phase: 'database' | 'files' | 'finishing', totals: Readonly<BackupTotals>): void;
}

export interface MadeArchive {
  size: number;
  sha256: string;
  totals: BackupTotals;
}

/**
 * Writes one backup while the service works. The database comes first and is of one moment; files are read after it,
 * so they may know more than it does, never less.
 */
export async function createArchive(
  settings: Settings,
  paths: Paths,
  wish: ArchiveWish,
): Promise<MadeArchive> {
  const partial = join(wish.work, 'partial.tar.gz');
  await rm(wish.work, { recursive: true, force: true });
  await mkdir(wish.work, { recursive: true, mode: 0o700 });
  let writer: ArchiveWriter | null = null;
  try {
    writer = new ArchiveWriter(partial, join(wish.work, 'manifest.ndjson'), wish.signal);
    wish.progress('database', writer.totals);
    await addDatabase(settings, paths, wish, writer);
    wish.progress('files', writer.totals);
    await addFiles(settings, paths, wish, writer);
    wish.progress('finishing', writer.totals);
    const sha256 = await writer.finish();
    const { size } = await stat(partial);
    await rename(partial, wish.archive);
    await syncFolder(dirname(wish.archive));
    return { size, sha256, totals: writer.totals };
  } catch (error) {
    throw storageError(error);
  } finally {
    await writer?.close();
    await rm(wish.work, { recursive: true, force: true });
  }
}

async function addDatabase(
  settings: Settings,
  paths: Paths,
  wish: ArchiveWish,
  writer: ArchiveWriter,
): Promise<void> {
  const source = plainTarget(settings.database, paths.database);
  if (source.kind === 'postgres') {
    await dumpRows(source, async (dump) => {
      await writer.text(ABOUT, aboutText(paths, wish, 'rows', dump.migrations));
      for (const table of dump.tables) writer.totals.tables[table] = await addRows(dump, table, wish, writer);
    });
    return;
  }
  if (!existsSync(source.file)) {
    throw new AppError(
      'NOT_READY',
      'There is no database in the data folder yet. Start the service once first.',
    );
  }
  const snapshot = join(wish.work, 'snapshot.db');
  await snapshotSqlite(source.file, snapshot);
  const facts = await sqliteFacts(snapshot);
  writer.totals.tables = facts.tables;
  await writer.text(ABOUT, aboutText(paths, wish, 'sqlite', facts.migrations));
  await writer.folder(dirname(SQLITE), 0o755, wish.createdAt);
  await writer.fromFile(SQLITE, snapshot);
  await rm(snapshot);
}

/** By way of a file, because an entry's size must be known before its content. */
async function addRows(
  dump: OpenDump,
  table: string,
  { work, signal }: ArchiveWish,
  writer: ArchiveWriter,
): Promise<number> {
  const draft = join(work, 'rows.ndjson');
  let count = 0;
  const file = await open(draft, 'w', 0o600);
  try {
    for await (const rows of dump.rows(table)) {
      signal.throwIfAborted();
      await file.appendFile(rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
      count += rows.length;
    }
  } finally {
    await file.close();
  }
  await writer.fromFile(`${ROWS}/${table}.ndjson`, draft);
  await rm(draft);
  return count;
}

async function addFiles(
  settings: Settings,
  paths: Paths,
  wish: ArchiveWish,
  writer: ArchiveWriter,
): Promise<void> {
  const { database } = settings;
  const never = neverInBackup(paths, settings, database.kind === 'sqlite' ? database.file : null);
  const links = join(wish.work, 'links.ndjson');
  await writeFile(links, '', { mode: 0o600 });
  for await (const entry of dataTree(paths, never)) {
    wish.signal.throwIfAborted();
    switch (entry.kind) {
      case 'folder':
        if (entry.path !== dirname(SQLITE) || database.kind === 'postgres') {
          await writer.folder(entry.path, entry.mode, entry.mtime);
        }
        break;
      case 'file':
        await writer.fromFile(entry.path, entry.full);
        wish.progress('files', writer.totals);
        break;
      case 'link':
        await appendFile(links, `${JSON.stringify({ path: entry.path, target: entry.target })}\n`);
        break;
      case 'other':
        writer.totals.skipped += 1;
        break;
    }
  }
  await writer.fromFile(LINKS, links);
}

function aboutText(
  paths: Paths,
  { backupId, createdAt, trigger, kek }: ArchiveWish,
  database: AboutBackup['database'],
  migrations: string[],
): string {
  const about: AboutBackup = {
    format: 'claude-agent-backup',
    version: FORMAT_VERSION,
    backup_id: backupId,
    created_at: createdAt.toISOString(),
    trigger,
    app_version: serviceVersion(paths),
    database,
    migrations,
    kek,
  };
  return `${JSON.stringify(about, null, 2)}\n`;
}
