import type { DataSource } from 'typeorm';

/**
 * FULL, because with NORMAL a power loss may take commits back that were acknowledged. Asserted rather than
 * believed: a build of SQLite may be compiled with another default.
 */
export async function prepareSqlite(dataSource: DataSource): Promise<void> {
  await dataSource.query('PRAGMA synchronous = FULL');
  // 16 MB of pages in memory, and as many in the log before they are moved: pages that change often move less often.
  await dataSource.query('PRAGMA cache_size = -16000');
  await dataSource.query('PRAGMA wal_autocheckpoint = 4000');
  const [{ synchronous }] = await pragma(dataSource, 'synchronous');
  const [{ journal_mode: journal }] = await pragma(dataSource, 'journal_mode');
  if (synchronous !== 2 || journal !== 'wal') {
    throw new Error(
      `SQLite runs with synchronous=${String(synchronous)}, journal_mode=${String(journal)}; it must be FULL (2) and wal`,
    );
  }
}

async function pragma(dataSource: DataSource, name: string): Promise<[Record<string, unknown>]> {
  return dataSource.query<[Record<string, unknown>]>(`PRAGMA ${name}`);
}
