import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { AppError } from '@app/contracts';
import type { BackupTotals } from './layout.js';

const LONGEST_LINE = 32 * 1024;

/**
 * Compares the manifest of an archive with the list of what was found, line by line in step, because either may have
 * millions. Returns the totals of the last line. Throws `BACKUP_INVALID`.
 */
export async function compareManifest(
  content: AsyncIterable<Buffer>,
  foundFile: string,
): Promise<BackupTotals> {
  const file = createReadStream(foundFile);
  const found = createInterface({ input: file, crlfDelay: Infinity })[Symbol.asyncIterator]();
  let totals: BackupTotals | null = null;
  let count = 0;
  try {
    for await (const line of linesOf(content)) {
      if (totals) throw mismatch();
      totals = totalsIn(line);
      if (totals) continue;
      count += 1;
      const next = await found.next();
      if (next.done === true || next.value !== line) throw mismatch();
    }
    if (!totals || totals.entries !== count || (await found.next()).done !== true) throw mismatch();
    return totals;
  } finally {
    file.destroy();
  }
}

/** Not readline: a line without an end would be collected whole. */
async function* linesOf(content: AsyncIterable<Buffer>): AsyncGenerator<string> {
  let rest = Buffer.alloc(0);
  for await (const chunk of content) {
    rest = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = rest.indexOf(10); end !== -1; end = rest.indexOf(10, start)) {
      yield rest.subarray(start, end).toString();
      start = end + 1;
    }
    rest = rest.subarray(start);
    if (rest.length > LONGEST_LINE) throw mismatch();
  }
  if (rest.length > 0) throw mismatch();
}

function totalsIn(line: string): BackupTotals | null {
  if (!line.startsWith('{"totals":')) return null;
  const parsed = parse(line);
  const totals = isRecord(parsed) ? parsed.totals : null;
  if (!isRecord(totals) || !isRecord(totals.tables)) throw mismatch();
  const tables: Record<string, number> = {};
  for (const [table, rows] of Object.entries(totals.tables)) tables[table] = number(rows);
  return {
    entries: number(totals.entries),
    bytes: number(totals.bytes),
    incomplete: number(totals.incomplete),
    skipped: number(totals.skipped),
    tables,
  };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw mismatch();
  }
}

function number(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) throw mismatch();
  return value;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function mismatch(): AppError {
  return new AppError(
    'BACKUP_INVALID',
    'The backup cannot be used. What it holds is not what its manifest says: it was changed or is damaged. Use another one.',
  );
}
