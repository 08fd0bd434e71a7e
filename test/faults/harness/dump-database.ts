import pg from 'pg';
import sqlite3 from 'sqlite3';
import type { DatabaseDump, LogRow, TaskRow } from '../checker/history.js';

const TASKS =
  'SELECT task_id, idempotency_key, status, status_reason, fence, attempt, max_attempts, last_seq, result FROM tasks';
const LOG = 'SELECT task_id, seq, type, at, data, fence FROM task_logs';
const OUTBOX = 'SELECT COUNT(*) AS count FROM outbox';
const OPEN = "SELECT COUNT(*) AS count FROM tasks WHERE status NOT IN ('COMPLETED', 'FAILED', 'CANCELLED')";

type Ask = <Row>(statement: string) => Promise<Row[]>;

/** Reads the database beside the service, past any damaged wire. */
export async function dumpDatabase(url: string): Promise<DatabaseDump> {
  return withDatabase(url, async (ask) => ({
    tasks: (await ask<TaskRow>(TASKS)).map((row) => ({ ...row, last_seq: Number(row.last_seq) })),
    log: (await ask<LogRow>(LOG)).map((row) => ({ ...row, seq: Number(row.seq) })),
    outbox: await countOf(ask, OUTBOX),
  }));
}

/** How many tasks are not over, and how many bells wait to be rung. */
export async function countOpen(url: string): Promise<number> {
  return withDatabase(url, async (ask) => (await countOf(ask, OPEN)) + (await countOf(ask, OUTBOX)));
}

async function countOf(ask: Ask, statement: string): Promise<number> {
  const [row] = await ask<{ count: number | string }>(statement);
  return Number(row?.count);
}

export async function withDatabase<T>(url: string, use: (ask: Ask) => Promise<T>): Promise<T> {
  if (!url.startsWith('postgres')) return withSqlite(url, use);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 });
  client.on('error', () => undefined);
  await client.connect();
  try {
    return await use(async <Row>(statement: string) => (await client.query(statement)).rows as Row[]);
  } finally {
    await client.end();
  }
}

async function withSqlite<T>(file: string, use: (ask: Ask) => Promise<T>): Promise<T> {
  const database = await new Promise<sqlite3.Database>((resolve, reject) => {
    const opened: sqlite3.Database = new sqlite3.Database(file, sqlite3.OPEN_READONLY, (error) =>
      error ? reject(error) : resolve(opened),
    );
  });
  database.configure('busyTimeout', 5000);
  const ask = <Row>(statement: string) =>
    new Promise<Row[]>((resolve, reject) =>
      database.all<Row>(statement, (error, rows) => (error ? reject(error) : resolve(rows))),
    );
  try {
    return await use(ask);
  } finally {
    await new Promise((resolve) => database.close(resolve));
  }
}
