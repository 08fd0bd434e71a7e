import { copyFile, mkdtemp, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '@app/config';
import { plainTarget } from '@app/database';
import { makeFolder, Paths } from '@app/paths';
import { emptyReport, type ImportReport } from './import-report.js';
import { importFolders, type Uploads } from './python/import-folders.js';
import { importRows } from './python/import-rows.js';
import { importWebhooks } from './python/import-webhooks.js';
import { findOldFolder } from './python/old-folder.js';

/**
 * Takes over the data folder of the earlier Python system: sessions, tasks and costs of `machine.db`, agents, skills and
 * webhook configuration. The old folder is only read; what is here already stays; running it again adds what is new.
 * Throws `NOT_FOUND` when the folder holds nothing of that system.
 */
export async function importPythonSystem(
  folder: string,
  settings: Settings,
  uploads: Uploads,
): Promise<ImportReport> {
  const paths = new Paths(settings);
  const old = await findOldFolder(folder);
  const report = emptyReport();
  if (old.database === null)
    report.notes.push('There is no machine.db: no sessions and tasks were imported.');
  else {
    const target = plainTarget(settings.database, paths.database);
    await withCopy(old.database, paths, (copy) => importRows(copy, target, report));
  }
  await importFolders(old, uploads, report);
  await importWebhooks(old, paths, report);
  report.notes.push('Credentials are not imported: store them with `claude-agent credentials set`.');
  return report;
}

/** SQLite writes beside a file that it reads, and the old folder may be read-only, or in use. */
async function withCopy<T>(file: string, paths: Paths, work: (copy: string) => Promise<T>): Promise<T> {
  makeFolder(paths.cache);
  makeFolder(paths.cache);
  const folder = await mkdtemp(join(paths.cache, 'import-'));
  try {
    const copy = join(folder, 'machine.db');
    for (const suffix of ['', '-wal'])
      if ((await stat(file + suffix).catch(() => null)) !== null)
        await copyFile(file + suffix, copy + suffix);
    return await work(copy);
  } finally {
    await rm(folder, { recursive: true });
  }
}
