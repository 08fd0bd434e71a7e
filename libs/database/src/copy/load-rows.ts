import { MigrationExecutor, type QueryRunner } from 'typeorm';
import { insertRows } from './insert-rows.js';
import { withConnection, type PlainTarget } from './connect-plain.js';
import { MIGRATIONS_TABLE, ownTables } from './own-tables.js';
import type { OpenDump } from './dump-rows.js';

/** Its one row names the load that was committed last, until whoever asked for it has noted that. */
const MARKER_TABLE = 'restored_backup';

/** Milliseconds to wait for a program that has our tables open in Postgres. */
const LOCK_TIMEOUT_MS = 10_000;

/**
 * Replaces what is in our tables by the dump, with the columns of the dump's time: the next start migrates them. All
 * of it is one transaction, which also stores `marker`: after a crash `committedMarker` tells whether it happened.
 * Tables and columns that the dump's migrations do not make fail it, and so do other counts than `expected`.
 */
export function loadRows(
  target: PlainTarget,
  dump: OpenDump,
  expected: Readonly<Record<string, number>>,
  marker: string | null = null,
): Promise<void> {
  const load = async (runner: QueryRunner): Promise<void> => {
    await runner.startTransaction();
    try {
      if (target.kind === 'postgres') await runner.query(`SET LOCAL lock_timeout = ${LOCK_TIMEOUT_MS}`);
      for (const table of [...(await ownTables()), MIGRATIONS_TABLE]) await runner.dropTable(table, true);
      const executor = new MigrationExecutor(runner.connection, runner);
      executor.transaction = 'none';
      await executor.executePendingMigrations();
      for (const table of dump.tables) {
        if (!(await ownTables()).includes(table)) throw new Error('the dump has a table that is not ours');
        const count = await loadTable(runner, table, dump);
        if (count !== expected[table]) throw new Error('the dump does not have as many rows as it should');
      }
      if (marker !== null) await writeMarker(runner, marker);
      await runner.commitTransaction();
    } catch (error) {
      if (runner.isTransactionActive) await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  };
  return withConnection(target, load, dump.migrations);
}

/** The marker of the load that was committed and not yet forgotten, or null. */
export function committedMarker(target: PlainTarget): Promise<string | null> {
  return withConnection(target, async (runner) => {
    if (!(await runner.hasTable(MARKER_TABLE))) return null;
    const [row] = (await runner.query(`SELECT marker FROM ${MARKER_TABLE}`)) as { marker: string }[];
    return row?.marker ?? null;
  });
}

export function forgetMarker(target: PlainTarget): Promise<void> {
  return withConnection(target, (runner) => runner.dropTable(MARKER_TABLE, true));
}

async function loadTable(runner: QueryRunner, table: string, dump: OpenDump): Promise<number> {
  const isPostgres = runner.connection.options.type === 'postgres';
  let count = 0;
  for await (const rows of dump.rows(table)) {
    await insertRows(runner.manager, table, isPostgres ? rows.map(withoutNul) : rows);
    count += rows.length;
  }
  return count;
}

/** SQLite keeps NUL in text, Postgres has no such character. */
function withoutNul(row: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(row).map(([column, value]) => [
      column,
      typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '') : value,
    ]),
  );
}

async function writeMarker(runner: QueryRunner, marker: string): Promise<void> {
  if (!/^[\w-]+$/.test(marker)) throw new Error('a marker is a plain word');
  await runner.query(`DROP TABLE IF EXISTS ${MARKER_TABLE}`);
  await runner.query(`CREATE TABLE ${MARKER_TABLE} (marker varchar(64) NOT NULL)`);
  await runner.query(`INSERT INTO ${MARKER_TABLE} (marker) VALUES ('${marker}')`);
}
