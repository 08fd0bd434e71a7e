import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Settings } from '@app/config';
import { checkTasks, sqliteFacts } from '@app/database';
import { Paths } from '@app/paths';
import { restoreBackup } from './restore/restore-backup.js';
import type { AboutBackup, BackupTotals } from './layout.js';

export interface DrillReport {
  about: AboutBackup;
  totals: BackupTotals;
  /** Rows of each table in the database that was opened. */
  tables: Record<string, number>;
  /** Empty: the backup is good. */
  faults: string[];
  durationMs: number;
}

/**
 * Proves a backup by restoring it, into a folder that is removed afterwards: every digest and path is checked, the
 * database is opened (rows of Postgres in SQLite), counted, checked for damage and for tasks that do not agree with
 * their events. The service may run meanwhile. Throws what the archive is refused for.
 */
export async function drillBackup(
  settings: Settings,
  archive: string,
  scratch: string,
): Promise<DrillReport> {
  const startedMs = performance.now();
  const dataDir = join(scratch, 'data');
  await rm(scratch, { recursive: true, force: true });
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  try {
    const target: Settings = {
      ...settings,
      dataDir,
      masterKeyFile: null,
      database: { kind: 'sqlite', file: null },
    };
    const paths = new Paths(target);
    // Which master key the credentials need is not what a drill is about; it must not ask for one.
    const { about, totals } = await restoreBackup(target, paths, {
      archive,
      keks: [],
      withoutCredentials: true,
    });
    const { tables } = await sqliteFacts(paths.database);
    const faults = (await checkTasks(paths.database)).map(({ fault, tasks }) =>
      tasks.length === 0 ? fault : `${fault}: ${tasks.join(', ')}`,
    );
    for (const [table, rows] of Object.entries(totals.tables)) {
      if (tables[table] !== rows)
        faults.push(`table ${table} has ${tables[table] ?? 0} rows instead of ${rows}`);
    }
    return { about, totals, tables, faults, durationMs: performance.now() - startedMs };
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}
