import { randomBytes } from 'node:crypto';
import { chmod, mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { tryLock } from '@app/database';
import { joinPath, type Paths } from '@app/paths';
import { storageError } from '../storage-error.js';
import { BackupFiles, type StoredBackup } from './backup-files.js';
import { createArchive, type ArchiveWish } from './create-archive.js';
import { readAbout } from './archive-reader.js';
import type { BackupTrigger } from './layout.js';

export interface BackupWish {
  backupId: string;
  trigger: BackupTrigger;
  kek: string | null;
  signal: AbortSignal;
  progress: ArchiveWish['progress'];
}

export function newBackupId(now: Date): string {
  const instant = now.toISOString().replace(/[-:]|\.\d+/g, '');
  return `${instant}-${randomBytes(3).toString('hex')}`;
}

/** Makes a backup in `/data/backups`. One at a time, whichever process begins: throws `BACKUP_RUNNING`. */
export async function makeBackup(settings: Settings, paths: Paths, wish: BackupWish): Promise<StoredBackup> {
  const files = new BackupFiles(paths);
  try {
    await mkdir(paths.backups, { recursive: true, mode: 0o700 });
    await chmod(paths.backups, 0o700);
  } catch (error) {
    throw storageError(error);
  }
  const lock = await tryLock(joinPath(paths.backups, '.making'), 'exclusive');
  if (!lock) throw new AppError('BACKUP_RUNNING', 'A backup is being made already. Wait until it has ended.');
  const startedMs = performance.now();
  try {
    await removeLeftovers(paths);
    const archive = files.archiveOf(wish.backupId);
    const made = await createArchive(settings, paths, {
      ...wish,
      createdAt: new Date(),
      archive,
      work: join(paths.backups, `.${wish.backupId}.work`),
    });
    await files.note(wish.backupId, {
      about: await readAbout(archive),
      sha256: made.sha256,
      totals: made.totals,
      verified: null,
      duration_ms: Math.round(performance.now() - startedMs),
    });
    return await files.get(wish.backupId);
  } finally {
    await lock.release();
  }
}

/** Of backups that were killed; we hold the lock, so nobody is at them. */
async function removeLeftovers(paths: Paths): Promise<void> {
  for (const name of await readdir(paths.backups)) {
    if (/^\..+\.(work|removed)$/.test(name))
      await rm(join(paths.backups, name), { recursive: true, force: true });
  }
}
