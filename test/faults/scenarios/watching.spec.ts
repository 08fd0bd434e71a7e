import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '../../support/index.js';
import { now } from '../harness/clock.js';
import { noteFigure } from '../harness/figures.js';
import { over, submit, submitMany, working } from '../harness/load.js';
import { Random } from '../harness/random.js';
import { World } from '../harness/world.js';

jest.setTimeout(180_000);
const WATCHERS = 50;

describe('watchers on two nodes', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open('postgres', { apis: 2, workers: 1 });
  });
  afterAll(() => world.close());

  it('R27 and R29 watchers flap and change nodes: each has the whole log, byte for byte', async () => {
    const random = new Random(27);
    const tasks = await submitMany(world, 'r27', 5, () => 'slow:200@25', 2);
    const sockets = Array.from({ length: WATCHERS }, (_none, n) => world.socketWatcher(`socket-${n}`));
    for (const watcher of sockets) for (const { taskId } of tasks) watcher.watch(taskId);
    const streams = tasks.map(({ taskId }) => world.streamWatcher('stream', taskId));
    await waitFor(
      () => {
        random.pick([sockets[0], ...sockets])?.flap();
        random.pick([streams[0], ...streams])?.flap();
        return tasks.every(({ key }) => world.runs().some((run) => run.key === key && run.what === 'ended'));
      },
      { timeoutMs: 60_000, intervalMs: 40, what: 'the tasks to end' },
    );
    await world.check();
  });

  it('R28 the last frame is lost: the watcher gets it when it is back', async () => {
    const tasks = await submitMany(world, 'r28', 10, () => 'slow:10@20', 2);
    const watchers = tasks.map(({ taskId }, n) => {
      const watcher = world.socketWatcher(`last-${n}`);
      watcher.watch(taskId);
      return watcher;
    });
    const flapped = new Set<string>();
    await waitFor(
      () => {
        const runs = world.runs();
        for (const [n, { key }] of tasks.entries()) {
          // At the last output: what comes next is the end.
          const isLast = runs.some((run) => run.key === key && run.step === 10);
          if (isLast && !flapped.has(key)) watchers[n]?.flap();
          if (isLast) flapped.add(key);
        }
        return flapped.size === tasks.length;
      },
      { timeoutMs: 30_000, what: 'the tasks to end' },
    );
    await world.check();
  });

  it('R27 a late watcher catches up with 10,000 events within a second', async () => {
    const { taskId } = await submit(world, 'r27-long', 'ok:10000', 1);
    expect(await over(world, taskId)).toBe('COMPLETED');
    const times: number[] = [];
    for (let n = 0; n < 10; n += 1) {
      const watcher = world.socketWatcher(`late-${n}`);
      const from = now();
      watcher.watch(taskId);
      await waitFor(() => watcher.finished, { timeoutMs: 10_000, intervalMs: 2, what: 'the end' });
      times.push(now() - from);
    }
    times.sort((a, b) => a - b);
    noteFigure('R27', 'p95 of catching up with 10,000 events', times.at(-1) ?? NaN, 'ms');
    expect(times.at(-1)).toBeLessThan(1000);
    await world.check();
  });

  it('R29 the node of a watcher dies: it goes on at the other', async () => {
    const [first] = world.setUp.apis;
    const { key, taskId } = await submit(world, 'r29', 'slow:100@25', 2);
    const watcher = world.socketWatcher('moving');
    watcher.watch(taskId);
    await working(world, key, 20);
    await first?.kill();
    await first?.start();
    await world.check();
    expect(watcher.finished).toBe(true);
  });
});
