import { MigrationExecutor, type QueryRunner } from 'typeorm';
import { insertRows } from './insert-rows.js';
import { withConnection, type PlainTarget } from './connect-plain.js';
import type { Row } from './dump-rows.js';
import { knownMigrations } from './own-tables.js';

/** What `mergeRows` hands to its work. */
export interface RowMerger {
  /** Those of these ids that the table has. */
  present(table: string, key: string, ids: readonly string[]): Promise<Set<string>>;
  insert(table: string, rows: readonly Row[]): Promise<void>;
}

/** SQLite takes 32,766 parameters in a statement. */
const MOST_IDS = 10_000;

/** Adds rows to what is there, in one transaction: all of `work`, or nothing. An older or new database is migrated. */
export function mergeRows<T>(target: PlainTarget, work: (merger: RowMerger) => Promise<T>): Promise<T> {
  const merge = async (runner: QueryRunner): Promise<T> => {
    await new MigrationExecutor(runner.connection, runner).executePendingMigrations();
    await runner.startTransaction();
    try {
      const result = await work({
        present: (table, key, ids) => present(runner, table, key, ids),
        insert: (table, rows) => insertRows(runner.manager, table, rows),
      });
      await runner.commitTransaction();
      return result;
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  };
  return withConnection(target, merge, knownMigrations());
}

async function present(
  runner: QueryRunner,
  table: string,
  key: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const found = new Set<string>();
  const numbered = runner.connection.options.type === 'postgres';
  for (let start = 0; start < ids.length; start += MOST_IDS) {
    const part = ids.slice(start, start + MOST_IDS);
    const places = part.map((_id, index) => (numbered ? `$${index + 1}` : '?')).join(', ');
    const rows = (await runner.query(
      `SELECT ${key} AS id FROM ${table} WHERE ${key} IN (${places})`,
      part,
    )) as {
      id: string;
    }[];
    for (const { id } of rows) found.add(id);
  }
  return found;
}
