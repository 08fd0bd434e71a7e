import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '../../support/index.js';
import { now } from '../harness/clock.js';
import { countOpen } from '../harness/dump-database.js';
import { over, submit, working } from '../harness/load.js';
import { promptOf } from '../harness/recorded-engine.js';
import { unavailable } from '../harness/unavailable.js';
import { World } from '../harness/world.js';

jest.setTimeout(120_000);

let refusals = 0;
const refusal = async (world: World, key: string): Promise<string | null> => {
  // Each is a task of its own when it is taken after all.
  const wish = { prompt: promptOf('ok:1', `${key}-${++refusals}`) };
  const called = await world.client.call('POST', '/api/tasks', { body: wish });
  return called && `${called.status} ${called.code}`;
};

describe('SQLite in trouble', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open('sqlite', { leaseSeconds: 12, concurrency: 1 });
  });
  afterAll(() => world.close());

  it('R14 another process holds the write lock for ten seconds: 503 DB_BUSY, and no half state', async () => {
    const running = await submit(world, 'r14-running', 'slow:60@10', 2);
    await working(world, running.key, 3);
    const holder = await holdLock(world.setUp.databaseUrl);
    const from = now();
    while (now() - from < 8000) expect(await refusal(world, 'r14-refused')).toBe('503 DB_BUSY');
    holder.kill();
    await submit(world, 'r14-after', 'ok:1', 2);
    expect(await over(world, running.taskId)).toBe('COMPLETED');
    await world.check();
  });

  const withStrace = unavailable('strace', 'R16') ? it.skip : it;
  withStrace('R16 fsync truth: the log of SQLite is on disk before the 202 is on the wire', async () => {
    // One that takes the only place, so that nothing but the submits writes much.
    const hanging = await submit(world, 'r16-hanging', 'hang', 2);
    await working(world, hanging.key);
    const file = join(world.dataDir, 'strace.txt');
    const args = [
      '-f',
      '-y',
      '-ttt',
      '-e',
      'trace=fdatasync,fsync',
      '-o',
      file,
      '-p',
      `${world.nodes[0]?.pid}`,
    ];
    const tracer = spawn('strace', args, { stdio: ['ignore', 'ignore', 'pipe'] });
    await once(tracer.stderr, 'data');
    const windows: { from: number; until: number }[] = [];
    for (let n = 1; n <= 50; n += 1) {
      // What is left of the submit before: its bell leaves the outbox.
      await waitFor(async () => (await countOpen(world.setUp.databaseUrl)) === n, {
        what: 'the outbox to be empty',
      });
      const from = Date.now();
      await submit(world, `r16-${n}`, 'ok:1', 2);
      windows.push({ from, until: Date.now() });
    }
    tracer.kill('SIGINT');
    await once(tracer, 'exit');
    const synced = readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => /sync\(\d+<.*machine\.db-wal>\)\s+= 0/.test(line))
      .map((line) => Number(/\s(\d+\.\d+)\s/.exec(line)?.[1]) * 1000);
    const withSync = windows.filter(({ from, until }) => synced.some((at) => from <= at && at <= until));
    expect(withSync).toHaveLength(50);
    await world.client.call('POST', `/api/tasks/${hanging.taskId}/cancel`);
    await world.check();
  });
});

describe('a full disk', () => {
  let world: World;
  afterEach(() => world.close());

  it('R15 /data is full: 507 STORAGE_FULL, reads work, and it recovers without a restart', async () => {
    world = await World.open('sqlite', { diskMegabytes: 160 });
    const { disk } = world;
    if (!disk) return void process.stderr.write('R15 is left out: this user may not mount a small disk.\n');
    const before = await submit(world, 'r15-before', 'ok:3', 2);
    await over(world, before.taskId);
    const running = await submit(world, 'r15-running', 'slow:4000@5', 2);
    await working(world, running.key);
    const makeRoom = await disk.fillNow();
    const fullAt = now();
    await waitFor(async () => (await refusal(world, 'r15-refused')) === '507 STORAGE_FULL', {
      timeoutMs: 30_000,
      what: 'a 507',
    });
    expect(await world.client.status(before.taskId)).toBe('COMPLETED');
    expect((await world.client.call('GET', '/api/tasks'))?.status).toBe(200);
    // Longer than a run may go on without being stored.
    await waitFor(() => now() - fullAt > 8000, { timeoutMs: 20_000, what: 'the run to be given up' });
    await makeRoom();
    await submit(world, 'r15-after', 'ok:3', 2);
    expect(await over(world, running.taskId)).toBe('FAILED');
    const { database } = await world.check();
    const row = database.tasks.find(({ task_id }) => task_id === running.taskId);
    expect(row?.status_reason).toBe('storage_full');
  });
});

/** Another process that has begun to write and does not end. */
async function holdLock(file: string): Promise<{ kill(): void }> {
  const program = `
    const { Database } = require('sqlite3');
    const database = new Database(${JSON.stringify(file)});
    database.exec('BEGIN IMMEDIATE', () => console.log('held'));
    setInterval(() => undefined, 1000);`;
  const child = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return { kill: () => void child.kill('SIGKILL') };
}
