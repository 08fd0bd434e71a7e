import type { EntityManager } from 'typeorm';

/** SQLite takes 32,766 parameters in a statement, Postgres twice as many. */
const MOST_PARAMETERS = 32_000;

/** One INSERT for many rows; the columns are those of the first row. */
export async function insertRows(
  manager: EntityManager,
  table: string,
  rows: readonly Readonly<Record<string, unknown>>[],
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const columns = Object.keys(first);
  const numbered = manager.connection.options.type === 'postgres';
  const step = Math.floor(MOST_PARAMETERS / columns.length);
  for (let start = 0; start < rows.length; start += step) {
    const part = rows.slice(start, start + step);
    const places = placesOf(part.length, columns.length, numbered);
    const values = part.flatMap((row) => columns.map((column) => row[column] ?? null));
    await manager.query(`INSERT INTO ${table} (${columns.join(', ')}) VALUES ${places}`, values);
  }
}

/** Named or numbered parameters would have SQLite search all that came before, for each. */
function placesOf(rows: number, columns: number, numbered: boolean): string {
  let number = 0;
  const place = (): string => (numbered ? `$${(number += 1)}` : '?');
  const row = (): string => `(${Array.from({ length: columns }, place).join(', ')})`;
  return Array.from({ length: rows }, row).join(', ');
}
