import { join, resolve } from 'node:path';
import { loadSettings } from '@app/config';
import { Paths } from '@app/paths';
import { drillBackup } from '@app/storage';
import { showSize } from '../render/show-size.js';
import { findArchive } from './find-archive.js';

/** Returns the exit code: 1 when something is wrong with what was restored. */
export async function drill(which: string, { scratch }: { scratch?: string }): Promise<number> {
  const settings = loadSettings();
  const paths = new Paths(settings);
  const archive = findArchive(paths, which);
  const folder = join(scratch === undefined ? paths.backups : resolve(scratch), `.drill-${process.pid}.work`);
  const { about, totals, tables, faults, durationMs } = await drillBackup(settings, archive, folder);
  const rows = Object.entries(tables)
    .filter(([, count]) => count > 0)
    .map(([table, count]) => `${table} ${count}`);
  process.stdout.write(
    [
      `Restored ${about.backup_id} in ${(durationMs / 1000).toFixed(1)} s: ${totals.entries} files, ${showSize(totals.bytes)}, all digests right.`,
      `Rows: ${rows.join(', ') || 'none'}.`,
      faults.length === 0 ? 'The database is whole, and tasks agree with their events.' : 'Wrong:',
      ...faults.map((fault) => `  - ${fault}`),
      '',
    ].join('\n'),
  );
  return faults.length === 0 ? 0 : 1;
}
