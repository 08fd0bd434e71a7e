import { resolve } from 'node:path';
import { DataSource, type QueryRunner } from 'typeorm';
import type { DatabaseTarget } from '@app/config';
import { MIGRATIONS } from '../migrations/index.js';
import { PLAIN_SQLITE } from '../prepared-sqlite.js';

/** A place for rows: a SQLite file by its absolute path, or Postgres. */
export type PlainTarget = { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string };

const BUSY_TIMEOUT_MS = 10_000;

export function plainTarget(target: DatabaseTarget, defaultFile: string): PlainTarget {
  return target.kind === 'postgres'
    ? target
    : { kind: 'sqlite', file: target.file ? resolve(target.file) : defaultFile };
}

/**
 * A connection of its own, without entities: copying must neither wait for the service's connections nor hold them
 * up. `migrations` are the names of those it may run; none by default.
 */
export async function withConnection<T>(
  target: PlainTarget,
  work: (runner: QueryRunner) => Promise<T>,
  migrations: readonly string[] = [],
): Promise<T> {
  const known = { migrations: MIGRATIONS.filter(({ name }) => migrations.includes(name)) };
  const connection = new DataSource(
    target.kind === 'sqlite'
      ? {
          type: 'sqlite',
          driver: PLAIN_SQLITE,
          database: target.file,
          busyTimeout: BUSY_TIMEOUT_MS,
          ...known,
        }
      : {
          type: 'postgres',
          url: target.url,
          poolSize: 2,
          connectTimeoutMS: 5000,
          applicationName: 'claude-code-agent copy',
          ...known,
        },
  );
  await connection.initialize();
  const runner = connection.createQueryRunner();
  try {
    return await work(runner);
  } finally {
    await runner.release();
    await connection.destroy();
  }
}
