import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { Redis } from 'ioredis';
import { startServer } from '../../../apps/api/src/bootstrap.js';
import { loadSettings } from '../../../config/index.js';
import {
  createTestDatabase,
  startRedis,
  tempDataDir,
  waitFor,
  type PrivateServer,
} from '../../support/index.js';
import { ensureBuilt } from '../../support/program.js';
import { startTestServer } from '../http/test-server.js';

jest.setTimeout(60_000);

let redis: PrivateServer;
let admin: Redis;
beforeEach(async () => {
  redis = await startRedis();
  admin = new Redis(redis.url);
  admin.on('error', () => undefined);
});
afterEach(async () => {
  admin.disconnect();
  await redis.stop();
});

/** A worker to its end: what it says to the person who started it. */
async function endOfWorker(settings: Record<string, string>) {
  ensureBuilt();
  const child = spawn(process.execPath, ['dist/apps/worker/src/main.js'], {
    env: { ...process.env, ...settings, NODE_OPTIONS: '' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let errors = '';
  child.stderr.on('data', (text: Buffer) => (errors += String(text)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, errors };
}

const SENTENCE = /maxmemory-policy is allkeys-lru\. Set it to noeviction/;

describe('a Redis that may evict keys', () => {
  it('is refused at the start, by a server and by a worker, in a sentence that says what to set', async () => {
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const settings = { REDIS_URL: redis.url, LOG_LEVEL: 'silent', PORT: '0', DATA_DIR: await tempDataDir() };
    await expect(startServer(loadSettings(settings), { print: () => undefined })).rejects.toThrow(SENTENCE);
    const worker = await endOfWorker({ ...settings, DATABASE_URL: (await createTestDatabase()).url });
    expect(worker).toEqual({ code: 1, errors: expect.stringMatching(SENTENCE) });
    expect(worker.errors.trimEnd().split('\n')).toHaveLength(1);
  });

  it('makes a server not ready that meets it later, until it is set right', async () => {
    const server = await startTestServer({ REDIS_URL: redis.url });
    const ready = () => server.call('/api/health/ready', { key: server.adminKey });
    try {
      await waitFor(async () => (await ready()).status === 200);
      await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
      const refused = await waitFor(async () => {
        const answer = await ready();
        return answer.status === 503 && answer.text.includes('maxmemory-policy') ? answer : null;
      });
      expect(refused.body.details).toEqual([{ field: 'queue', message: expect.stringMatching(SENTENCE) }]);
      await admin.config('SET', 'maxmemory-policy', 'noeviction');
      await admin.call('CLIENT', 'KILL', 'TYPE', 'normal');
      await waitFor(async () => (await ready()).status === 200);
    } finally {
      await server.close();
    }
  });
});
