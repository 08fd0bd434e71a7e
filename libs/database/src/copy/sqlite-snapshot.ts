import { countRows } from './dump-rows.js';
import { withConnection } from './connect-plain.js';
import { migrationsOf } from './own-tables.js';

export interface DatabaseFacts {
  migrations: string[];
  tables: Record<string, number>;
}

/**
 * Writes the database as it is at one moment into a new file, while the service goes on writing. Copying the files
 * instead loses what is still in the WAL, or mixes two moments.
 */
export function snapshotSqlite(file: string, into: string): Promise<void> {
  return withConnection({ kind: 'sqlite', file }, async (runner) => {
    await runner.query('VACUUM INTO ?', [into]);
  });
}

/** As the service keeps its file: a copy is made with another journal. For a file that nobody else has open. */
export function switchToWal(file: string): Promise<void> {
  return withConnection({ kind: 'sqlite', file }, async (runner) => {
    await runner.query('PRAGMA journal_mode = WAL');
  });
}

export function sqliteFacts(file: string): Promise<DatabaseFacts> {
  return withConnection({ kind: 'sqlite', file }, async (runner) => ({
    migrations: await migrationsOf(runner),
    tables: await countRows(runner),
  }));
}
