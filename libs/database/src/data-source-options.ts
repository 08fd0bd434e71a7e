import { dirname, resolve } from 'node:path';
import pg from 'pg';
import type { DataSourceOptions } from 'typeorm';
import type { DatabaseTarget } from '@app/config';
import { AppError } from '@app/contracts';
import { makeFolder, type Paths } from '@app/paths';
import { MIGRATIONS } from './migrations/index.js';
import { CONNECT_LIMIT_MS, PostgresPool } from './postgres-pool.js';
import { PREPARED_SQLITE } from './prepared-sqlite.js';

/** Milliseconds a statement waits for another process that holds SQLite's write lock: a caller is told within 2 s. */
const BUSY_TIMEOUT_MS = 1500;

/**
 * A process that is halted in the middle of a transaction (a paused machine, a swap storm) keeps its row locks, and the
 * recovery of its tasks would wait for it: the server ends such a session, and nobody waits for a lock for ever. Nor does
 * a statement run for ever.
 */
const POSTGRES_LIMITS = {
  idle_in_transaction_session_timeout: 5000,
  lock_timeout: 5000,
  statement_timeout: 30_000,
};

/** Which connection: all writes and migrations go through `writing`; `reading` never migrates. */
export type DataSourceRole = 'writing' | 'reading';
export const READING = 'reading';

export function dataSourceOptions(
  target: DatabaseTarget,
  paths: Paths,
  role: DataSourceRole,
): DataSourceOptions {
  const migrations = role === 'writing' ? { migrations: [...MIGRATIONS], migrationsRun: false } : {};
  if (target.kind === 'postgres') {
    return {
      type: 'postgres',
      url: target.url,
      driver: { ...pg, Pool: PostgresPool },
      poolSize: 10,
      connectTimeoutMS: CONNECT_LIMIT_MS,
      applicationName: `claude-code-agent ${role}`,
      // A connection that rests, or waits for a slow statement, is known to be dead in 20 s; the system's own is 2 hours.
      extra: { keepAlive: true, keepAliveInitialDelayMillis: 10_000, ...POSTGRES_LIMITS },
      ...migrations,
    };
  }
  const file = target.file ? resolve(target.file) : paths.database;
  makeFolderOf(file);
  return {
    type: 'sqlite',
    driver: PREPARED_SQLITE,
    database: file,
    enableWAL: true,
    busyTimeout: BUSY_TIMEOUT_MS,
    ...migrations,
  };
}

/** Also the file of a DATABASE_URL that leads outside of DATA_DIR. */
function makeFolderOf(file: string): void {
  try {
    makeFolder(dirname(file));
  } catch (error) {
    throw new AppError(
      'STORAGE_NOT_WRITABLE',
      `The folder of the database ${file} cannot be made. Correct DATABASE_URL, or give the service that folder.`,
      { cause: error },
    );
  }
}
