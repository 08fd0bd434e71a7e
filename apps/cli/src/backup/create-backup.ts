import { copyFile, open, rename, rm } from 'node:fs/promises';
import { resolve } from 'node:path';
import { loadSettings } from '@app/config';
import { storedKekId } from '@app/credentials';
import { Paths } from '@app/paths';
import { BackupFiles, makeBackup, newBackupId } from '@app/storage';
import { showSize } from '../render/show-size.js';
import { showProgress } from './show-progress.js';

export async function createBackup({ output }: { output?: string }): Promise<void> {
  const settings = loadSettings();
  const paths = new Paths(settings);
  const ending = new AbortController();
  process.once('SIGINT', () => ending.abort());
  process.once('SIGTERM', () => ending.abort());
  const progress = showProgress();
  const made = await makeBackup(settings, paths, {
    backupId: newBackupId(new Date()),
    trigger: 'manual',
    kek: await storedKekId(paths),
    signal: ending.signal,
    progress: (phase, { entries, bytes }) => progress.show(`${phase}: ${entries} files, ${showSize(bytes)}`),
  }).finally(() => progress.end());
  const { incomplete = 0 } = made.notes?.totals ?? {};
  if (incomplete > 0) {
    process.stderr.write(`${incomplete} files could not be read whole, because they changed meanwhile.\n`);
  }
  process.stderr.write(`${showSize(made.size)}, SHA-256 ${made.notes?.sha256 ?? 'unknown'}\n`);
  if (output === undefined) {
    process.stdout.write(`${made.backupId}\n`);
    return;
  }
  await moveOut(new BackupFiles(paths), made.backupId, resolve(output));
  process.stdout.write(`${resolve(output)}\n`);
}

/** Onto another file system it is copied; it appears there under its name only when it is whole. */
async function moveOut(files: BackupFiles, backupId: string, place: string): Promise<void> {
  const draft = `${place}.partial`;
  try {
    await copyFile(files.archiveOf(backupId), draft);
    // The only copy from now on.
    const handle = await open(draft, 'r');
    await handle.sync().finally(() => handle.close());
    await rename(draft, place);
  } finally {
    await rm(draft, { force: true });
  }
  await files.remove(backupId);
}
