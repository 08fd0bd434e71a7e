import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import sqlite3 from 'sqlite3';
import { DataSource, type DataSourceOptions } from 'typeorm';
import type { Settings } from '@app/config';
import { Paths } from '@app/paths';
import { MIGRATIONS } from './migrations/index.js';
import { PLAIN_SQLITE } from './prepared-sqlite.js';

/** How the tables of a database stand to this version of the program. */
export type DatabaseState =
  | { kind: 'empty' | 'current' }
  /** The next start brings it up to date. */
  | { kind: 'older'; pending: number }
  /** A later version has changed it. */
  | { kind: 'newer' };

/** Looks at the database without changing it: nothing is made, no migration runs. Throws when it does not answer. */
export async function inspectDatabase(settings: Settings): Promise<DatabaseState> {
  const options = readOnlyOptions(settings);
  if (options === null) return { kind: 'empty' };
  const dataSource = await new DataSource(options).initialize();
  try {
    const done = await migrationsDone(dataSource);
    const known = MIGRATIONS.map(({ name }) => name);
    if (done.some((name) => !known.includes(name))) return { kind: 'newer' };
    const pending = known.filter((name) => !done.includes(name)).length;
    if (pending === known.length) return { kind: 'empty' };
    return pending === 0 ? { kind: 'current' } : { kind: 'older', pending };
  } finally {
    await dataSource.destroy();
  }
}

/** Null: the file of the database is not made yet. */
function readOnlyOptions(settings: Settings): DataSourceOptions | null {
  const { database } = settings;
  if (database.kind === 'postgres') {
    return {
      type: 'postgres',
      url: database.url,
      connectTimeoutMS: 5000,
      poolSize: 1,
      extra: { options: '-c default_transaction_read_only=on' },
    };
  }
  const file = database.file ? resolve(database.file) : new Paths(settings).database;
  return existsSync(file)
    ? { type: 'sqlite', driver: PLAIN_SQLITE, database: file, flags: sqlite3.OPEN_READONLY }
    : null;
}

async function migrationsDone(dataSource: DataSource): Promise<string[]> {
  if (!(await hasMigrations(dataSource))) return [];
  const rows = await dataSource.query<{ name: string }[]>('SELECT name FROM migrations');
  return rows.map(({ name }) => name);
}

async function hasMigrations(dataSource: DataSource): Promise<boolean> {
  const runner = dataSource.createQueryRunner();
  try {
    return await runner.hasTable('migrations');
  } finally {
    await runner.release();
  }
}
