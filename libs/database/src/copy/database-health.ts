import { stat } from 'node:fs/promises';
import sqlite3 from 'sqlite3';
import { DataSource, type DataSourceOptions, type QueryRunner } from 'typeorm';
import { instantSql } from '../dialect.js';
import type { PlainTarget } from './connect-plain.js';

/** A data folder that the database was used with. */
export interface StorageMark {
  volume_id: string;
  first_start: string;
  last_start: string;
  starts: number;
}

export interface DatabaseHealth {
  /** What SQLite's quick check found: null, nothing; `not asked`, the file is too large to be read through now. */
  damage: string | null;
  /** SQLite: its journal. Postgres: whether a commit that was answered survives a power cut. */
  durability: Record<string, string>;
  /** How far the database's clock is ahead of ours; null with SQLite, which has none. */
  skewMs: number | null;
  /** null: a database without that table, which an older version made. */
  marks: StorageMark[] | null;
}

/** It is read at some hundred megabytes a second, and nobody waits longer. */
const MOST_BYTES_READ = 4_000_000_000;

/** Reads only, on a connection of its own. Throws when the database cannot be opened, is damaged, or does not answer. */
export async function databaseHealth(target: PlainTarget): Promise<DatabaseHealth> {
  const connection = await new DataSource(readOnly(target)).initialize();
  const runner = connection.createQueryRunner();
  try {
    const about =
      target.kind === 'sqlite' ? await aboutSqlite(runner, target.file) : await aboutPostgres(runner);
    const marks = (await runner.hasTable('storage_marks'))
      ? ((await runner.query(
          'SELECT volume_id, first_start, last_start, starts FROM storage_marks',
        )) as StorageMark[])
      : null;
    return { ...about, marks };
  } finally {
    await runner.release();
    await connection.destroy();
  }
}

function readOnly(target: PlainTarget): DataSourceOptions {
  if (target.kind === 'sqlite') {
    return { type: 'sqlite', database: target.file, flags: sqlite3.OPEN_READONLY, busyTimeout: 5000 };
  }
  return {
    type: 'postgres',
    url: target.url,
    poolSize: 1,
    connectTimeoutMS: 3000,
    applicationName: 'claude-code-agent doctor',
    extra: { options: '-c default_transaction_read_only=on', statement_timeout: 5000 },
  };
}

async function aboutSqlite(runner: QueryRunner, file: string): Promise<Omit<DatabaseHealth, 'marks'>> {
  const [mode] = (await runner.query('PRAGMA journal_mode')) as { journal_mode: string }[];
  const durability = { journal_mode: mode?.journal_mode ?? 'unknown' };
  if ((await stat(file)).size > MOST_BYTES_READ) return { damage: 'not asked', durability, skewMs: null };
  const [first] = (await runner.query('PRAGMA quick_check(1)')) as { quick_check: string }[];
  return {
    damage: first?.quick_check === 'ok' ? null : (first?.quick_check ?? 'no answer'),
    durability,
    skewMs: null,
  };
}

async function aboutPostgres(runner: QueryRunner): Promise<Omit<DatabaseHealth, 'marks'>> {
  const settings = (await runner.query(
    "SELECT name, setting FROM pg_settings WHERE name IN ('fsync', 'full_page_writes', 'synchronous_commit')",
  )) as { name: string; setting: string }[];
  const askedMs = Date.now();
  const [clock] = (await runner.query(`SELECT ${instantSql('postgres')} AS now`)) as { now: string }[];
  const middleMs = (askedMs + Date.now()) / 2;
  return {
    damage: null,
    durability: Object.fromEntries(settings.map(({ name, setting }) => [name, setting])),
    skewMs: clock ? Date.parse(clock.now) - middleMs : null,
  };
}
