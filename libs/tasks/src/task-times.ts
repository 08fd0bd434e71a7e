import { instantSql, type Dialect } from '@app/database';

/** What is written of the time when a task ends: SQL by the database's clock. */
export function overSql(dialect: Dialect): { completed_at: string; duration_seconds: string } {
  const seconds =
    dialect === 'sqlite'
      ? `(julianday(${instantSql(dialect)}) - julianday(started_at)) * 86400`
      : `EXTRACT(EPOCH FROM (clock_timestamp() - started_at::timestamptz))`;
  return { completed_at: instantSql(dialect), duration_seconds: `ROUND(CAST(${seconds} AS numeric), 3)` };
}

/** Its worker was silent too long. A task that waits without a lease is parked: nobody was lost. */
export function expiredSql(dialect: Dialect): string {
  return `((status = 'RUNNING' AND lease_until IS NULL) OR lease_until < ${instantSql(dialect)})`;
}
