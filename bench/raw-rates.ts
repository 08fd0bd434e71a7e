import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Queue, QueueOptions } from 'bull';
import pg from 'pg';
import type { Database } from 'sqlite3';
import { withFolder } from './surroundings.js';

const IN_FLIGHT = 50;
const MEASURED_MS = 4_000;
const PROMPT = 'x'.repeat(1024);
const CREATE = 'CREATE TABLE bare_tasks (task_id varchar(64) PRIMARY KEY, prompt text)';
const require = createRequire(import.meta.url);

/** Rows of 1 kB, each in a commit of its own: what the database does without us. */
export function rawInserts(environment: Record<string, string>): Promise<number> {
  return environment.DATABASE_URL ? postgresInserts(environment.DATABASE_URL) : sqliteInserts();
}

export async function rawQueueAdds(redisUrl: string): Promise<number> {
  const Bull = require('bull') as new (name: string, url: string, options: QueueOptions) => Queue;
  const queue = new Bull('bare', redisUrl, {});
  await queue.isReady();
  try {
    return await perSecond((n) =>
      queue.add({ taskId: `task-${n}`, generation: 1 }, { removeOnComplete: true }),
    );
  } finally {
    await queue.close();
  }
}

async function postgresInserts(url: string): Promise<number> {
  const pool = new pg.Pool({ connectionString: url, max: 10 });
  try {
    await pool.query(CREATE);
    return await perSecond((n) =>
      pool.query('INSERT INTO bare_tasks VALUES ($1, $2)', [`task-${n}`, PROMPT]),
    );
  } finally {
    await pool.end();
  }
}

function sqliteInserts(): Promise<number> {
  return withFolder(async (folder) => {
    const sqlite = require('sqlite3') as { Database: new (file: string) => Database };
    const database = new sqlite.Database(join(folder, 'bare.db'));
    const exec = promisify(database.exec.bind(database));
    try {
      await exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; ${CREATE}`);
      return await perSecond(
        (n) =>
          new Promise<void>((resolve, reject) =>
            database.run('INSERT INTO bare_tasks VALUES (?, ?)', [`task-${n}`, PROMPT], (error) =>
              error ? reject(error) : resolve(),
            ),
          ),
      );
    } finally {
      await promisify(database.close.bind(database))();
    }
  });
}

async function perSecond(act: (n: number) => Promise<unknown>): Promise<number> {
  const begin = performance.now();
  let count = 0;
  const repeat = async (): Promise<void> => {
    while (performance.now() - begin < MEASURED_MS) await act(count++);
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, repeat));
  return count / ((performance.now() - begin) / 1000);
}
