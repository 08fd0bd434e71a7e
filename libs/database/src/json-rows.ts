import type { EntityManager } from 'typeorm';
import type { Dialect } from './dialect.js';

/** The columns of given rows, and as what the database reads them. */
export type GivenColumns = Readonly<Record<string, 'text' | 'integer' | 'bigint' | 'double precision'>>;

/**
 * A table `given` for a FROM, made of rows that come as JSON in the first parameter. The statement is the same however
 * many rows there are, so it is parsed once, and one trip to the database serves all that wait.
 */
export function givenRows(dialect: Dialect, columns: GivenColumns): string {
  if (dialect === 'postgres') {
    const typed = Object.entries(columns).map(([name, type]) => `${name} ${type}`);
    return `json_to_recordset($1::json) AS given(${typed.join(', ')})`;
  }
  const picked = Object.keys(columns).map((name) => `json_extract(value, '$.${name}') AS ${name}`);
  return `(SELECT ${picked.join(', ')} FROM json_each($1)) AS given`;
}

/** One INSERT for any number of rows, of these columns. */
export async function insertGiven<Columns extends GivenColumns>(
  manager: EntityManager,
  table: string,
  columns: Columns,
  rows: readonly Readonly<Record<keyof Columns, unknown>>[],
): Promise<void> {
  if (rows.length === 0) return;
  const dialect = manager.connection.options.type === 'postgres' ? 'postgres' : 'sqlite';
  const names = Object.keys(columns);
  const list = names.join(', ');
  // Only these: a row may have more.
  const given = rows.map((row) => Object.fromEntries(names.map((name) => [name, row[name]])));
  await manager.query(`INSERT INTO ${table} (${list}) SELECT ${list} FROM ${givenRows(dialect, columns)}`, [
    givenJson(given),
  ]);
}

/** The parameter. Postgres takes neither NUL nor half a surrogate pair in a text: they become U+FFFD. */
export function givenJson(rows: readonly Readonly<Record<string, unknown>>[]): string {
  const json = JSON.stringify(rows);
  return /\\u(0000|d[89a-f])/.test(json) ? JSON.stringify(rows, storable) : json;
}

function storable(_name: string, value: unknown): unknown {
  return typeof value === 'string' ? Buffer.from(value.replaceAll('\0', '\ufffd')).toString() : value;
}
