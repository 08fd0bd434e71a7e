import { join } from 'node:path';
import { IsISO8601, IsString } from 'class-validator';
import type { Paths } from '@app/paths';
import { parseStored } from '../parse-stored.js';
import { readTextIfThere } from '../read-text.js';
import { removeSynced, writeAndRename } from '../write-file-atomic.js';

/** Why the last scheduled backup failed; gone after the next that succeeds. */
export class BackupFailure {
  @IsISO8601()
  at: string;

  @IsString()
  problem: string;
}

const fileOf = (paths: Paths): string => join(paths.backups, 'last-failure.json');

export async function noteBackupFailure(paths: Paths, failure: BackupFailure): Promise<void> {
  await writeAndRename(fileOf(paths), `${JSON.stringify(failure)}\n`, { mode: 0o600 });
}

export async function forgetBackupFailure(paths: Paths): Promise<void> {
  await removeSynced(fileOf(paths));
}

/** Null: the last one succeeded, or none was made. */
export async function readBackupFailure(paths: Paths): Promise<BackupFailure | null> {
  const text = await readTextIfThere(fileOf(paths));
  return text === null ? null : parseStored(BackupFailure, text);
}
