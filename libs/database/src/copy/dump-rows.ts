import type { QueryRunner } from 'typeorm';
import { withConnection, type PlainTarget } from './connect-plain.js';
import { migrationsOf, presentTables } from './own-tables.js';

export type Row = Record<string, unknown>;

/** Rows at a time: a row of the event log may have a megabyte. */
const BATCH = 100;

/** What the sink of a dump is handed; the tables are to be read one after the other. */
export interface OpenDump {
  migrations: string[];
  tables: string[];
  rows(table: string): AsyncGenerator<Row[]>;
}

/** Reads all of our tables as they were at one moment, whatever is written meanwhile, with bounded memory. */
export function dumpRows<T>(source: PlainTarget, sink: (dump: OpenDump) => Promise<T>): Promise<T> {
  return withConnection(source, async (runner) => {
    const begin =
      source.kind === 'postgres' ? 'BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY' : 'BEGIN';
    await runner.query(begin);
    try {
      return await sink({
        migrations: await migrationsOf(runner),
        tables: await presentTables(runner),
        rows: (table) => (source.kind === 'postgres' ? byCursor(runner, table) : byRowId(runner, table)),
      });
    } finally {
      await runner.query('COMMIT');
    }
  });
}

/** How many rows each of our tables has. */
export async function countRows(runner: QueryRunner): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const table of await presentTables(runner)) {
    const [row] = (await runner.query(`SELECT count(*) AS rows FROM ${table}`)) as [{ rows: unknown }];
    counts[table] = Number(row.rows);
  }
  return counts;
}

async function* byCursor(runner: QueryRunner, table: string): AsyncGenerator<Row[]> {
  await runner.query(`DECLARE dumped NO SCROLL CURSOR FOR SELECT * FROM ${table}`);
  for (;;) {
    const rows = (await runner.query(`FETCH ${BATCH} FROM dumped`)) as Row[];
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) break;
  }
  await runner.query('CLOSE dumped');
}

async function* byRowId(runner: QueryRunner, table: string): AsyncGenerator<Row[]> {
  let last: unknown = -1;
  for (;;) {
    const found = (await runner.query(
      `SELECT rowid AS dumped_rowid, * FROM ${table} WHERE rowid > ? ORDER BY rowid LIMIT ${BATCH}`,
      [last],
    )) as Row[];
    const rows = found.map(({ dumped_rowid: rowId, ...row }) => {
      last = rowId;
      return row;
    });
    if (rows.length > 0) yield rows;
    if (rows.length < BATCH) return;
  }
}
