import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { BackupFiles } from '@app/storage';
import type { Paths } from '@app/paths';
import { CliError } from '../cli-error.js';

/** The archive that an id or a path names. */
export function findArchive(paths: Paths, which: string): string {
  const byId = new BackupFiles(paths).archiveOf(which);
  if (!which.includes('/') && existsSync(byId)) return byId;
  if (existsSync(which)) return resolve(which);
  throw new CliError(
    `There is no backup ${which} in ${paths.backups}, and no such file. \`claude-agent backup list\` shows what there is.`,
  );
}
