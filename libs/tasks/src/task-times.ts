import { LONGEST_LEASE_SECONDS } from '@app/config';
import { instantSql, type Dialect } from '@app/database';

/** What is written of the time when a task ends: SQL by the database's clock. */
export function overSql(dialect: Dialect): { completed_at: string; duration_seconds: string } {
  const seconds =
    dialect === 'sqlite'
      ? `(julianday(${instantSql(dialect)}) - julianday(started_at)) * 86400`
      : `EXTRACT(EPOCH FROM (clock_timestamp() - started_at::timestamptz))`;
  return { completed_at: instantSql(dialect), duration_seconds: `ROUND(CAST(${seconds} AS numeric), 3)` };
}

/**
 * Its worker was silent too long. A task that waits without a lease is parked: nobody was lost. On SQLite no lease can lie
 * further ahead than the longest one: the clock was set back, and the one process there is renews what it holds. On
 * Postgres others may hold it, and renew it in a moment.
 */
export function expiredSql(dialect: Dialect): string {
  const past = `(status = 'RUNNING' AND lease_until IS NULL) OR lease_until < ${instantSql(dialect)}`;
  const unbelievable = `lease_until > ${instantSql(dialect, LONGEST_LEASE_SECONDS)}`;
  return dialect === 'sqlite' ? `(${past} OR ${unbelievable})` : `(${past})`;
}
