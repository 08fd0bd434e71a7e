import { readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Type } from 'class-transformer';
import { IsInt, IsISO8601, IsObject, IsOptional, IsString, Matches, ValidateNested } from 'class-validator';
import { AppError } from '@app/contracts';
import type { Paths } from '@app/paths';
import { parseStored } from '../parse-stored.js';
import { readTextIfThere } from '../read-text.js';
import { errorCodeOf } from '../storage-error.js';
import { writeAndRename } from '../write-file-atomic.js';
import { readAbout } from './archive-reader.js';
import { AboutBackup, BACKUP_ID, type BackupTotals } from './layout.js';

const ENDING = '.tar.gz';

/** The last time somebody read the whole backup. */
export class Verification {
  @IsISO8601()
  at: string;

  /** null: it is whole. */
  @IsOptional()
  @IsString()
  problem: string | null;
}

/** What is known of a backup beside its archive; without it the archive is as good, and less is shown. */
export class BackupNotes {
  @ValidateNested()
  @Type(() => AboutBackup)
  about: AboutBackup;

  @Matches(/^[0-9a-f]{64}$/)
  sha256: string;

  @IsOptional()
  @IsObject()
  totals: BackupTotals | null;

  @IsOptional()
  @ValidateNested()
  @Type(() => Verification)
  verified: Verification | null;

  @IsOptional()
  @IsInt()
  duration_ms: number | null;
}

export interface StoredBackup {
  backupId: string;
  size: number;
  /** null: the archive does not even say what it is. */
  about: AboutBackup | null;
  notes: BackupNotes | null;
}

/** `/data/backups`: an archive and a small file of notes for each backup. */
export class BackupFiles {
  constructor(private readonly paths: Paths) {}

  archiveOf(backupId: string): string {
    return join(this.paths.backups, `${backupId}${ENDING}`);
  }

  /** Newest first. */
  async list(): Promise<StoredBackup[]> {
    const names = await readdir(this.paths.backups).catch((error: unknown) => {
      if (errorCodeOf(error) === 'ENOENT') return [];
      throw error;
    });
    const ids = names.filter((name) => name.endsWith(ENDING)).map((name) => name.slice(0, -ENDING.length));
    const found: StoredBackup[] = [];
    for (const id of ids
      .filter((name) => BACKUP_ID.test(name))
      .sort()
      .reverse()) {
      const backup = await this.find(id);
      if (backup) found.push(backup);
    }
    return found;
  }

  async find(backupId: string): Promise<StoredBackup | null> {
    if (!BACKUP_ID.test(backupId)) return null;
    const archive = this.archiveOf(backupId);
    const stats = await stat(archive).catch((error: unknown) => {
      if (errorCodeOf(error) === 'ENOENT') return null;
      throw error;
    });
    if (!stats) return null;
    const text = await readTextIfThere(this.notesOf(backupId));
    const notes = text === null ? null : parseStored(BackupNotes, text);
    const about = notes?.about ?? (await readAbout(archive).catch(() => null));
    return { backupId, size: stats.size, about, notes };
  }

  /** Throws `BACKUP_NOT_FOUND`. */
  async get(backupId: string): Promise<StoredBackup> {
    const backup = await this.find(backupId);
    if (backup) return backup;
    throw new AppError('BACKUP_NOT_FOUND', 'There is no such backup. GET /api/storage/backups lists them.');
  }

  async note(backupId: string, notes: BackupNotes): Promise<void> {
    await writeAndRename(this.notesOf(backupId), `${JSON.stringify(notes, null, 2)}\n`, { mode: 0o600 });
  }

  /** In one step, so that nobody downloads half of one. Throws `BACKUP_NOT_FOUND`. */
  async remove(backupId: string): Promise<void> {
    await this.get(backupId);
    const away = join(this.paths.backups, `.${backupId}.removed`);
    await rename(this.archiveOf(backupId), away);
    await rm(this.notesOf(backupId), { force: true });
    await rm(away, { force: true });
  }

  private notesOf(backupId: string): string {
    return join(this.paths.backups, `${backupId}.json`);
  }
}
