import { createReadStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { dumpRows, type OpenDump, type Row } from '@app/database';
import { invalid } from './archive-reader.js';
import { META, ROWS, SQLITE, type AboutBackup } from './layout.js';

const BATCH = 100;

/** An unpacked backup: its data folder, and what is not part of it. */
interface Unpacked {
  about: AboutBackup;
  tree: string;
  meta: string;
}

/** The rows of an unpacked backup, whichever database they came from. */
export async function withDump<T>(
  { about, tree, meta }: Unpacked,
  sink: (dump: OpenDump) => Promise<T>,
): Promise<T> {
  if (about.database === 'sqlite') {
    return dumpRows({ kind: 'sqlite', file: join(tree, SQLITE) }, sink);
  }
  const folder = join(meta, relative(META, ROWS));
  const files = await readdir(folder);
  return sink({
    migrations: about.migrations,
    tables: files.filter((file) => file.endsWith('.ndjson')).map((file) => file.slice(0, -'.ndjson'.length)),
    rows: (table) => rowsOf(join(folder, `${table}.ndjson`)),
  });
}

export function assertSameCounts(found: Record<string, number>, expected: Record<string, number>): void {
  for (const [table, rows] of Object.entries(expected)) {
    if (found[table] !== rows) throw invalid(`Its table ${table} does not have the rows it should have.`);
  }
}

async function* rowsOf(file: string): AsyncGenerator<Row[]> {
  let batch: Row[] = [];
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    batch.push(parseRow(line));
    if (batch.length === BATCH) {
      yield batch;
      batch = [];
    }
  }
  if (batch.length > 0) yield batch;
}

function parseRow(line: string): Row {
  const row: unknown = JSON.parse(line);
  if (!isRow(row)) throw invalid('One of its rows is damaged.');
  return row;
}

function isRow(value: unknown): value is Row {
  return (
    typeof value === 'object' &&
    value !== null &&
    Object.keys(value).every((column) => /^[a-z_][a-z0-9_]*$/.test(column))
  );
}
