import { execFile, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Redis } from 'ioredis';
import pg from 'pg';
import {
  createRedisNamespace,
  createTestDatabase,
  startPostgres,
  startRedis,
  tempDataDir,
  waitFor,
  type PrivateServer,
} from './index.js';

const run = promisify(execFile);

describe('waitFor', () => {
  it('returns what the condition gave at last', async () => {
    let asked = 0;
    await expect(waitFor(() => ++asked >= 3 && 'yes', { intervalMs: 1 })).resolves.toBe('yes');
  });

  it('says what it waited for and why that did not come', async () => {
    const condition = (): never => {
      throw new Error('still closed');
    };
    const waiting = waitFor(condition, { timeoutMs: 20, what: 'the door' });
    await expect(waiting).rejects.toThrow('Waited 20 ms in vain for the door: still closed');
  });

  it('does not hang on a condition that never answers', async () => {
    const waiting = waitFor(() => new Promise<boolean>(() => undefined), { timeoutMs: 20 });
    await expect(waiting).rejects.toThrow('it did not answer');
  });
});

describe('the servers of this run', () => {
  it('give each suite a database of its own', async () => {
    const [one, other] = await Promise.all([createTestDatabase(), createTestDatabase()]);
    const client = new pg.Client({ connectionString: one.url });
    await client.connect();
    const { rows } = await client.query<{ name: string }>('SELECT current_database() AS name');
    await client.end();
    expect(`/${rows[0]?.name}`).toBe(new URL(one.url).pathname);
    await Promise.all([one.drop(), other.drop()]);
  });

  it('give each suite a Redis number of its own', async () => {
    const [one, other] = await Promise.all([createRedisNamespace(), createRedisNamespace()]);
    const clients = [new Redis(one.url), new Redis(other.url)] as const;
    await clients[0].set('colour', 'green');
    await expect(clients[1].get('colour')).resolves.toBeNull();
    await one.flush();
    await expect(clients[0].get('colour')).resolves.toBeNull();
    clients.forEach((client) => client.disconnect());
  });
});

describe('a Redis of my own', () => {
  let server: PrivateServer;
  beforeAll(async () => {
    server = await startRedis({ appendOnly: true });
  });
  afterAll(() => server.stop());

  it('keeps its data and its port when it is killed and started again', async () => {
    const client = new Redis(server.url);
    client.on('error', () => undefined);
    await client.config('SET', 'appendfsync', 'always');
    await client.set('colour', 'green');
    const pid = server.pid;
    await server.restart();
    expect(server.pid).not.toBe(pid);
    await expect(client.get('colour')).resolves.toBe('green');
    client.disconnect();
  });
});

describe('a Postgres of my own', () => {
  it('is durable when asked, and survives a kill', async () => {
    const server = await startPostgres({ durable: true, settings: { max_connections: '20' } });
    const ask = async (setting: string): Promise<unknown> => {
      const client = new pg.Client({ connectionString: server.url });
      await client.connect();
      const { rows } = await client.query<Record<string, unknown>>(`SHOW ${setting}`);
      await client.end();
      return rows[0]?.[setting];
    };
    await expect(ask('fsync')).resolves.toBe('on');
    await server.restart();
    await expect(ask('max_connections')).resolves.toBe('20');
    await server.stop();
  }, 30_000);
});

describe('a test process that is killed', () => {
  it('leaves neither a server nor a folder behind', async () => {
    const script = `
      const { startRedis } = await import('./test/support/private-redis.ts');
      const { pid } = await startRedis();
      console.log(JSON.stringify({ pid }));
      setInterval(() => {}, 1000);`;
    const loader = ['--import', './scripts/typescript.mjs', '--input-type=module', '-e', script];
    const parent = spawn(process.execPath, loader, { env: { ...process.env, NODE_OPTIONS: '' } });
    let output = '';
    parent.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    await waitFor(() => output.includes('}'), { what: 'Redis to be up' });
    const { pid } = JSON.parse(output) as { pid: number };
    const { stdout } = await run('ps', ['-o', 'args=', '-p', String(pid)]);
    expect(stdout).toContain('redis-server');
    parent.kill('SIGKILL');
    await waitFor(() => !existsSync(join('/proc', String(pid))), { what: 'Redis to be gone' });
  });
});

describe('tempDataDir', () => {
  it('makes a fresh folder each time', async () => {
    const [one, other] = await Promise.all([tempDataDir(), tempDataDir('other')]);
    expect(existsSync(one) && existsSync(other) && one !== other).toBe(true);
  });
});
