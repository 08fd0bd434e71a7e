import { withConnection } from './connect-plain.js';
import type { Row } from './dump-rows.js';

const BATCH = 500;

/** The tables of a SQLite file that another program made, and their rows in batches. */
export interface ForeignTables {
  /** The columns of a table; empty when there is no such table. */
  columns(table: string): Promise<string[]>;
  rows(table: string): AsyncGenerator<Row[]>;
}

/** The file is not changed; what its program has in a WAL is seen when that lies beside it. */
export function readForeignTables<T>(file: string, work: (tables: ForeignTables) => Promise<T>): Promise<T> {
  return withConnection({ kind: 'sqlite', file }, async (runner) => {
    await runner.query('PRAGMA query_only = ON');
    return work({
      columns: async (table) => {
        const columns = (await runner.query(`PRAGMA table_info(${quoted(table)})`)) as { name: string }[];
        return columns.map(({ name }) => name);
      },
      rows: async function* rows(table) {
        let last: unknown = null;
        for (;;) {
          const after = last === null ? '' : 'WHERE rowid > ?';
          const found = (await runner.query(
            `SELECT rowid AS foreign_rowid, * FROM ${quoted(table)} ${after} ORDER BY rowid LIMIT ${BATCH}`,
            last === null ? [] : [last],
          )) as Row[];
          last = found.at(-1)?.foreign_rowid;
          if (found.length > 0) yield found.map(({ foreign_rowid: _rowid, ...row }) => row);
          if (found.length < BATCH) return;
        }
      },
    });
  });
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
