export type Dialect = 'sqlite' | 'postgres';

/** SQL for an instant by the database's clock, as text like `2026-01-22T10:00:00.000Z`: sorts as time does. */
export function instantSql(dialect: Dialect, offsetSeconds = 0): string {
  const offset = Number(offsetSeconds);
  if (!Number.isFinite(offset)) throw new Error('the offset must be a number of seconds');
  return dialect === 'sqlite'
    ? `strftime('%Y-%m-%dT%H:%M:%fZ', 'now', '${offset} seconds')`
    : `to_char((clock_timestamp() + interval '${offset} seconds') AT TIME ZONE 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}
