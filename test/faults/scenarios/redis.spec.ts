import { readdir, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { waitFor, type PrivateServer } from '../../support/index.js';
import { now } from '../harness/clock.js';
import { withRedis } from '../harness/count-jobs.js';
import { noteFigure } from '../harness/figures.js';
import { over, submit, submitMany, working, type Submitted } from '../harness/load.js';
import { World } from '../harness/world.js';

jest.setTimeout(180_000);

describe('Redis in trouble', () => {
  let world: World;
  let redis: PrivateServer;
  beforeAll(async () => {
    world = await World.open('postgres', { workers: 2, concurrency: 3 });
    if (!world.setUp.redis) throw new Error('this set-up has a Redis');
    ({ redis } = world.setUp);
  });
  afterAll(() => world.close());

  /** More than the workers take at once, so that some wait in the queue and some run. */
  const load = (name: string): Promise<Submitted[]> => submitMany(world, name, 24, () => 'slow:20@20', 5);
  const untilOver = async (tasks: readonly Submitted[]): Promise<void> => {
    for (const { taskId } of tasks) await over(world, taskId);
  };
  const runsOf = ({ key }: Submitted): number =>
    world.runs().filter((run) => run.key === key && run.what === 'started').length;
  const ready = async (): Promise<number> =>
    (await fetch(`${world.endpoints[0].url}/api/health/ready`)).status;

  it('R4 renewal blip: a second without memory starts no second run', async () => {
    const tasks = await submitMany(world, 'r4', 6, () => 'slow:60@20', 5);
    const [first] = tasks;
    if (first) await working(world, first.key, 2);
    await withRedis(redis.url, (client) => client.config('SET', 'maxmemory', '1'));
    const refusedAt = now();
    await waitFor(() => now() - refusedAt > 1000, { what: 'a second to pass' });
    await withRedis(redis.url, (client) => client.config('SET', 'maxmemory', '0'));
    await untilOver(tasks);
    expect(tasks.map(runsOf)).toEqual(tasks.map(() => 1));
    await world.check();
  });

  it('R5 killed and restarted: everything is dispatched soon after it is back', async () => {
    const before = await load('r5-before');
    redis.signal('SIGKILL');
    const during = await submitMany(world, 'r5-during', 6, () => 'ok:5', 5);
    await redis.restart();
    const backAt = now();
    await waitFor(() => during.every((task) => runsOf(task) > 0), {
      timeoutMs: 40_000,
      what: 'the tasks submitted meanwhile to run',
    });
    noteFigure('R5', 'all dispatched after Redis is back', now() - backAt, 'ms');
    expect(now() - backAt).toBeLessThan(10_000 + 5_000);
    await untilOver([...before, ...during]);
    await world.check();
  });

  it('R6 the tail of its file is lost: what waited in it is rung for again', async () => {
    const tasks = await load('r6');
    const setting = await withRedis(redis.url, (client) => client.config('GET', 'dir'));
    const folder = Array.isArray(setting) ? String(setting[1]) : '';
    redis.signal('SIGKILL');
    const files = await readdir(join(folder, 'appendonlydir'));
    const tail = join(folder, 'appendonlydir', files.find((name) => name.endsWith('.incr.aof')) ?? '');
    const { size } = await stat(tail);
    await truncate(tail, Math.max(0, size - 20_000));
    await redis.restart();
    const backAt = now();
    await waitFor(() => tasks.every((task) => runsOf(task) > 0), { timeoutMs: 60_000, what: 'all to run' });
    noteFigure('R6', 'all dispatched after a restart without the tail', now() - backAt, 'ms');
    await untilOver(tasks);
    await world.check();
  });

  it('R7 FLUSHALL: what waits is rung for again, what runs goes on, and nothing runs twice', async () => {
    const tasks = await load('r7');
    await waitFor(() => tasks.some((task) => runsOf(task) > 0), { what: 'some to run' });
    await withRedis(redis.url, (client) => client.flushall());
    const flushedAt = now();
    await waitFor(() => tasks.every((task) => runsOf(task) > 0), { timeoutMs: 60_000, what: 'all to run' });
    noteFigure('R7', 'all dispatched after FLUSHALL', now() - flushedAt, 'ms');
    await untilOver(tasks);
    expect(tasks.map(runsOf)).toEqual(tasks.map(() => 1));
    await world.check();
  });

  it('R9 blackholed: not ready, and still accepting', async () => {
    world.setUp.wires?.redis.blackhole();
    const from = now();
    const { taskId } = await submit(world, 'r9', 'ok:3', 5);
    expect(now() - from).toBeLessThan(2000);
    const status = await waitFor(async () => ((await ready()) === 503 ? 503 : null), {
      timeoutMs: 5000,
      what: 'readiness to notice',
    });
    expect(status).toBe(503);
    world.setUp.wires?.redis.pass();
    expect(await over(world, taskId)).toBe('COMPLETED');
    await world.check();
  });

  it('R10 down on submit: accepted through the outbox, in no more time', async () => {
    redis.signal('SIGKILL');
    const times: number[] = [];
    const tasks: Submitted[] = [];
    for (let n = 1; n <= 100; n += 1) {
      const from = performance.now();
      tasks.push(await submit(world, `r10-${n}`, 'ok:1', 5));
      times.push(performance.now() - from);
    }
    times.sort((a, b) => a - b);
    noteFigure('R10', 'p99 of a submit without Redis', times[98] ?? NaN, 'ms');
    expect(times[98]).toBeLessThan(500);
    await redis.restart();
    await untilOver(tasks);
    await world.check();
  });

  it('R11 eviction policy: the service refuses to start, and says why', async () => {
    const [node] = world.setUp.workers;
    if (!node) throw new Error('there is no worker');
    await node.end();
    await withRedis(redis.url, (client) => client.config('SET', 'maxmemory-policy', 'allkeys-lru'));
    expect(await node.refuseToStart()).toBe(1);
    expect(node.log).toContain('maxmemory-policy');
    await withRedis(redis.url, (client) => client.config('SET', 'maxmemory-policy', 'noeviction'));
    await node.start();
  });

  it('R8 absent at boot: not ready, then well without a restart', async () => {
    for (const node of world.nodes) await node.end();
    redis.signal('SIGKILL');
    for (const node of world.nodes) await node.start();
    const { taskId } = await submit(world, 'r8', 'ok:3', 5);
    expect(await ready()).toBe(503);
    await redis.restart();
    const backAt = now();
    expect(await over(world, taskId)).toBe('COMPLETED');
    await waitFor(async () => (await ready()) === 200, { timeoutMs: 20_000, what: 'readiness' });
    noteFigure('R8', 'ready and working after Redis came', now() - backAt, 'ms');
    expect(now() - backAt).toBeLessThan(20_000);
    await world.check();
  });
});
