import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '../../support/index.js';
import { withRedis } from '../harness/count-jobs.js';
import { noteFigure } from '../harness/figures.js';
import { atWork, killAndNotice, over, submitMany, working } from '../harness/load.js';
import { World } from '../harness/world.js';

jest.setTimeout(180_000);
let world: World;
afterEach(() => world.close());

describe('recovery', () => {
  it('R1 with the lease of 12 s that is the default: a lost worker is noticed within 15 s', async () => {
    world = await World.open('postgres', { workers: 3, leaseSeconds: 12 });
    const times: number[] = [];
    for (const worker of world.setUp.workers) {
      const tasks = await submitMany(world, `r1-${worker.name}`, 12, () => 'slow:60@10', 5);
      const victim = await atWork(world, worker.name, tasks);
      const tookMs = await killAndNotice(world, worker, victim.key);
      times.push(tookMs);
      noteFigure('R1', 'noticed (default lease)', tookMs, 'ms');
      await worker.start();
      for (const { taskId } of tasks) await over(world, taskId);
    }
    expect(Math.max(...times)).toBeLessThan(15_000);
    await world.check();
  });

  it('R1 on SQLite: the service is killed again and again, and nothing that was accepted is lost', async () => {
    world = await World.open('sqlite');
    const [node] = world.nodes;
    const submitted = submitMany(
      world,
      'r1-sqlite',
      60,
      (n) => (n % 5 === 0 ? 'claude:ok:20' : 'slow:10@20'),
      5,
    );
    for (let round = 1; round <= 4; round += 1) {
      await waitFor(() => world.runs().at(-1)?.node && world.runs().length > round * 40, {
        timeoutMs: 40_000,
        what: 'some work to be done',
      });
      await node?.kill();
      await node?.start();
    }
    await submitted;
    await world.check();
  });

  it('R32 clocks an hour apart: no mass expiry, and order is by seq', async () => {
    world = await World.open('postgres', { workers: 2, idle: true });
    const [api] = world.setUp.apis;
    const [early, late] = world.setUp.workers;
    await api?.start();
    await early?.start({ CLOCK_OFFSET_MS: String(-3_600_000) });
    await late?.start({ CLOCK_OFFSET_MS: String(3_600_000) });
    const tasks = await submitMany(world, 'r32', 12, () => 'slow:60@20', 2);
    for (const { taskId } of tasks) await over(world, taskId);
    const history = await world.check();
    expect(
      history.database.tasks.map(({ status, status_reason, attempt }) => [status, status_reason, attempt]),
    ).toEqual(tasks.map(() => ['COMPLETED', null, 1]));
    expect(new Set(world.runs().map(({ node }) => node)).size).toBe(2);
  });

  it('R41 two reconcilers: together they have one effect', async () => {
    world = await World.open('postgres', { workers: 3, concurrency: 2 });
    const tasks = await submitMany(world, 'r41', 30, () => 'slow:10@20', 5);
    const [first] = tasks;
    if (!first) throw new Error('nothing was submitted');
    const [victim] = world.setUp.workers;
    await working(world, first.key);
    await victim?.kill();
    // Everything is missing now, and all the others look for it at once.
    await withRedis(world.setUp.redis?.url ?? '', (client) => client.flushall());
    await victim?.start();
    const history = await world.check();
    for (const { key, taskId } of tasks) {
      const losses = history.database.log.filter(
        (row) => row.task_id === taskId && row.type === 'task.queued' && row.data.includes('worker_lost'),
      ).length;
      const starts = history.database.log.filter(
        (row) => row.task_id === taskId && row.type === 'task.started',
      ).length;
      const row = history.database.tasks.find(({ task_id }) => task_id === taskId);
      expect({ key, attempt: row?.attempt }).toEqual({ key, attempt: losses + 1 });
      expect(starts).toBeLessThanOrEqual(losses + 1);
    }
  });
});
