import type { EntityManager } from 'typeorm';
import type { Dialect } from './dialect.js';

/** The columns of given rows, and as what the database reads them. */
export type GivenColumns = Readonly<Record<string, 'text' | 'integer' | 'bigint' | 'double precision'>>;

/**
 * A table `given` for a FROM, made of rows that come as JSON in a parameter. The statement is the same however
 * many rows there are, so it is parsed once, and one trip to the database serves all that wait.
 */
export function givenRows(dialect: Dialect, columns: GivenColumns, parameter = 1): string {
  if (dialect === 'postgres') {
    const typed = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
    return `json_to_recordset($${parameter}::json) AS given(${typed.join(', ')})`;
  }
  const picked = Object.keys(columns).map((name) => `json_extract(value, '$.${name}') AS ${name}`);
  return `(SELECT ${picked.join(', ')} FROM json_each($${parameter})) AS given`;
}

/** Rows for a table, ready to be inserted. */
export interface GivenInsert {
  table: string;
  columns: GivenColumns;
  /** The rows; null: there is none. */
  json: string | null;
}

/** What a row has beside these columns is sent for nothing. */
export function insertOf<Columns extends GivenColumns>(
  table: string,
  columns: Columns,
  rows: readonly Readonly<Record<keyof Columns, unknown>>[],
): GivenInsert {
  return { table, columns, json: rows.length > 0 ? givenJson(rows) : null };
}

/**
 * Inserts any number of rows into any number of tables, in no promised order. On Postgres all of it is one statement and
 * one trip, so it is done whole or not at all even outside a transaction. On SQLite each table has a statement, and all
 * wait for the event loop together.
 */
export async function insertGiven(manager: EntityManager, ...inserts: readonly GivenInsert[]): Promise<void> {
  const given = inserts.filter(({ json }) => json !== null);
  if (given.length === 0) return;
  if (manager.connection.options.type === 'postgres') await insertAtOnce(manager, given);
  else await insertEach(manager, given);
}

async function insertAtOnce(manager: EntityManager, inserts: readonly GivenInsert[]): Promise<void> {
  const steps = inserts.map((insert, index) => insertSql('postgres', insert, index + 1));
  const last = steps.pop() ?? '';
  const before = steps.map((sql, index) => `step${index} AS (${sql})`);
  const sql = before.length > 0 ? `WITH ${before.join(', ')} ${last}` : last;
  const parameters = inserts.map(({ json }) => json);
  await manager.query(sql, parameters);
}

async function insertEach(manager: EntityManager, inserts: readonly GivenInsert[]): Promise<void> {
  const done = await Promise.allSettled(
    inserts.map((insert) => manager.query(insertSql('sqlite', insert, 1), [insert.json])),
  );
  // All have ended before the caller takes anything back.
  for (const one of done) if (one.status === 'rejected') throw one.reason;
}

function insertSql(dialect: Dialect, { table, columns }: GivenInsert, parameter: number): string {
  const list = Object.keys(columns).join(', ');
  return `INSERT INTO ${table} (${list}) SELECT ${list} FROM ${givenRows(dialect, columns, parameter)}`;
}

/** The parameter. Postgres takes neither NUL nor half a surrogate pair in a text: they become U+FFFD. */
export function givenJson(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const json = JSON.stringify(rows);
  return /\\u(0000|d[89a-f])/.test(json) ? JSON.stringify(rows, storable) : json;
}

function storable(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value.replaceAll('\0', '\ufffd')).toString() : value;
}
