import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import { startServer } from '../../../apps/api/src/bootstrap.js';
import { startWorker } from '../../../apps/worker/src/bootstrap.js';
import { loadSettings, type Environment } from '../../../config/index.js';
import {
  createTestDatabase,
  startRedis,
  tempDataDir,
  waitFor,
  type PrivateServer,
} from '../../support/index.js';

jest.setTimeout(60_000);

let redis: PrivateServer;
let redisAdmin: Redis;
beforeAll(async () => {
  redis = await startRedis();
  redisAdmin = new Redis(redis.url);
});
afterAll(async () => {
  redisAdmin.disconnect();
  await redis.stop();
});

let databaseUrl: string;
beforeEach(async () => {
  await redisAdmin.config('SET', 'maxmemory-policy', 'noeviction');
  databaseUrl = (await createTestDatabase()).url;
});

async function inDatabase<Row extends pg.QueryResultRow>(sql: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(sql)).rows;
  } finally {
    await client.end();
  }
}

/** Who is connected, beside those who ask. */
async function connected(): Promise<{ postgres: string[]; redis: number }> {
  const sessions = await inDatabase<{ application_name: string }>(
    'SELECT application_name FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()',
  );
  const clients = String(await redisAdmin.client('LIST'))
    .trim()
    .split('\n');
  return { postgres: sessions.map((row) => row.application_name), redis: clients.length - 1 };
}

/** Sockets and servers of this process. */
function sockets(): string[] {
  return process.getActiveResourcesInfo().filter((kind) => kind.startsWith('TCP'));
}

/** Counts the timers that go on for ever; the returned function ends the count and says how many were not ended. */
function countIntervals(): () => number {
  const opened = jest.spyOn(globalThis, 'setInterval');
  const ends = [jest.spyOn(globalThis, 'clearInterval'), jest.spyOn(globalThis, 'clearTimeout')];
  return () => {
    const ended = new Set<unknown>(ends.flatMap((end) => end.mock.calls.map(([timer]) => timer)));
    const left = opened.mock.results.filter(({ value }) => !ended.has(value)).length;
    for (const spy of [opened, ...ends]) spy.mockRestore();
    return left;
  };
}

const STARTS = { server: startServer, worker: startWorker } as const;

/** Why the start failed. When it failed, nothing that it opened may be left. */
async function failure(kind: keyof typeof STARTS, env: Environment = {}, print = (): void => undefined) {
  const settings = loadSettings({
    PORT: '0',
    LOG_LEVEL: 'silent',
    SHUTDOWN_GRACE_SECONDS: '0',
    DATABASE_URL: databaseUrl,
    REDIS_URL: redis.url,
    DATA_DIR: await tempDataDir(),
    ...(kind === 'worker' ? { ROLE: 'worker' } : {}),
    ...env,
  });
  const before = sockets();
  const intervalsLeft = countIntervals();
  const told = await STARTS[kind](settings, { print }).then(
    async (running) => {
      await running.close();
      return 'it started';
    },
    (error: Error) => error.message,
  );
  expect(intervalsLeft()).toBe(0);
  // The servers learn of a closed connection a moment later.
  await waitFor(async () => {
    const { postgres, redis: clients } = await connected();
    return postgres.length === 0 && clients === 0;
  });
  await waitFor(() => sockets().length === before.length);
  return told;
}

describe.each(['server', 'worker'] as const)('a %s whose start fails leaves nothing open', (kind) => {
  it('when Redis may throw keys away', async () => {
    await redisAdmin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    expect(await failure(kind)).toMatch(/maxmemory-policy is allkeys-lru/);
  });

  it('when the tables cannot be made', async () => {
    await inDatabase('CREATE TABLE tasks (something_else integer)');
    expect(await failure(kind)).toMatch(/tasks/);
  });

  it('when the database refuses it', async () => {
    const url = new URL(databaseUrl);
    url.password = 'wrong';
    expect(await failure(kind, { DATABASE_URL: url.href })).toMatch(/password/i);
  });

  it('when what it says cannot be shown, which comes last', async () => {
    const print = (): void => {
      throw new Error('the terminal is gone');
    };
    expect(await failure(kind, {}, print)).toBe('the terminal is gone');
  });
});

describe('a worker whose start fails leaves nothing open', () => {
  it('when the port of its health is taken', async () => {
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' && address ? address.port : 0;
    try {
      expect(await failure('worker', { WORKER_HEALTH_PORT: String(port) })).toMatch(/in use/);
    } finally {
      taken.close();
    }
  });
});
