import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { loadSettings, type Settings } from '@app/config';
import { presentKekIds } from '@app/credentials';
import { Paths } from '@app/paths';
import { enterAlone, restoreBackup } from '@app/storage';
import { CliError } from '../cli-error.js';
import { showSize } from '../render/show-size.js';
import { findArchive } from './find-archive.js';

export interface RestoreOptions {
  yes?: boolean;
  withoutCredentials?: boolean;
}

export async function restore(which: string, options: RestoreOptions): Promise<void> {
  const settings = loadSettings();
  const paths = new Paths(settings);
  const archive = findArchive(paths, which);
  if (!options.yes && holdsSomething(settings, paths)) {
    throw new CliError(
      `${paths.data} and its database are replaced whole; what was made since the backup is gone. Make a backup of it first if you may want it back, then add --yes.`,
    );
  }
  await mkdir(paths.data, { recursive: true });
  const alone = await enterAlone(settings, paths);
  try {
    const { about, totals, linksLeftOut } = await restoreBackup(settings, paths, {
      archive,
      keks: await presentKekIds(settings, paths),
      withoutCredentials: options.withoutCredentials ?? false,
    });
    if (linksLeftOut > 0) {
      process.stderr.write(`${linksLeftOut} symbolic links that left their workspace were left out.\n`);
    }
    process.stdout.write(
      `Restored ${about.backup_id}, made ${about.created_at}: ${totals.entries} files, ${showSize(totals.bytes)}. Start the service now.\n`,
    );
  } finally {
    await alone.release();
  }
}

function holdsSomething({ database }: Settings, paths: Paths): boolean {
  return (
    database.kind === 'postgres' ||
    existsSync(database.file ?? paths.database) ||
    existsSync(paths.credentials)
  );
}
