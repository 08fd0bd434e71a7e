export type Dialect = 'sqlite' | 'postgres';

/**
 * SQL for an instant by the database's clock, as text like `2026-01-22T10:00:00.000Z`: sorts as time does. The seconds
 * from now are a number, or a column that holds one.
 */
export function instantSql(dialect: Dialect, offset: number | { column: string } = 0): string {
  const seconds = typeof offset === 'object' ? offset.column : Number(offset);
  if (typeof seconds === 'number' && !Number.isFinite(seconds))
    throw new Error('the offset must be a number of seconds');
  return dialect === 'sqlite'
    ? `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ${seconds} || ' seconds')`
    : `to_char((clock_timestamp() + ${seconds} * interval '1 second') AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
