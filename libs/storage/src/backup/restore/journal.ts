import { Type } from 'class-transformer';
import { Equals, IsArray, IsIn, IsString, Matches, ValidateIf, ValidateNested } from 'class-validator';
import { mkdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Paths } from '@app/paths';
import { parseStored } from '../../parse-stored.js';
import { readTextIfThere } from '../../read-text.js';
import { DataDirError } from '../../data-dir-error.js';
import { removeSynced, writeAndRename } from '../../write-file-atomic.js';
import { BACKUP_ID } from '../layout.js';

/** What takes the place of what; all on the file system of `live`, so that each is one rename. */
export class Move {
  @IsString()
  live: string;

  /** null: nothing takes its place. */
  @ValidateIf((move: Move) => move.staged !== null)
  @IsString()
  staged: string | null;

  /** Where what was there goes. */
  @IsString()
  old: string;
}

/** Written when everything is unpacked and checked. */
export class RestoreJournal {
  @Equals(1)
  version: 1;

  @Matches(/^[0-9a-f-]{36}$/)
  restore_id: string;

  @Matches(BACKUP_ID)
  backup_id: string;

  /**
   * What makes the restore happen: that this file is there, or that the database (Postgres) has committed the rows
   * together with `restore_id`.
   */
  @IsIn(['journal', 'database'])
  committed_by: 'journal' | 'database';

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => Move)
  moves: Move[];
}

const fileOf = (paths: Paths): string => join(paths.restoring, 'journal.json');

/** Null: no restore is under way, or one that had not come far enough to matter. */
export async function readJournal(paths: Paths): Promise<RestoreJournal | null> {
  const text = await readTextIfThere(fileOf(paths));
  if (text === null) return null;
  const journal = parseStored(RestoreJournal, text);
  if (journal) return journal;
  throw new DataDirError(
    `A restore was interrupted, and its journal ${fileOf(paths)} cannot be read. Restore the backup again.`,
    null,
  );
}

export async function writeJournal(paths: Paths, journal: RestoreJournal): Promise<void> {
  await mkdir(dirname(fileOf(paths)), { recursive: true });
  await writeAndRename(fileOf(paths), `${JSON.stringify(journal, null, 2)}\n`, { mode: 0o600 });
}

export async function removeJournal(paths: Paths): Promise<void> {
  await removeSynced(fileOf(paths));
}
