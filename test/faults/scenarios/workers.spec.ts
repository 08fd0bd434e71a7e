import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '../../support/index.js';
import { now } from '../harness/clock.js';
import type { FaultNode } from '../harness/fault-node.js';
import { withDatabase } from '../harness/dump-database.js';
import { noteFigure } from '../harness/figures.js';
import { atWork, killAndNotice, over, submit, submitMany, working, type Submitted } from '../harness/load.js';
import { scanProcesses } from '../harness/scan-processes.js';
import { World } from '../harness/world.js';

jest.setTimeout(240_000);
const LEASE_MS = 4000;

describe('workers on Postgres and Bull', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open('postgres', { workers: 3, leaseSeconds: LEASE_MS / 1000, concurrency: 4 });
  });
  afterAll(() => world.close());
  const workerOf = (name: string): FaultNode => {
    const worker = world.setUp.workers.find((node) => node.name === name);
    if (!worker) throw new Error(`there is no worker ${name}`);
    return worker;
  };
  /** Whether a session has begun a transaction and its client says no more. */
  const inTransaction = (): Promise<boolean> =>
    withDatabase(world.setUp.databaseUrl, async (ask) => {
      const [row] = await ask<{ count: string }>(
        "SELECT COUNT(*) AS count FROM pg_stat_activity WHERE state = 'idle in transaction'",
      );
      return Number(row?.count) > 0;
    });

  it('R1 worker dies: its tasks go on elsewhere, and nothing is lost', async () => {
    const submitted: Submitted[] = [];
    for (const worker of world.setUp.workers) {
      const tasks = await submitMany(world, `r1-${worker.name}`, 20, () => 'slow:40@10', 5);
      submitted.push(...tasks);
      const victim = await atWork(world, worker.name, tasks);
      const tookMs = await killAndNotice(world, worker, victim.key);
      noteFigure('R1', 'noticed (lease 4 s)', tookMs, 'ms');
      await worker.start();
    }
    await world.check();
    const ends = await Promise.all(submitted.map(({ taskId }) => world.client.status(taskId)));
    expect(new Set(ends)).toEqual(new Set(['COMPLETED']));
  });

  it('R1 worker dies and nobody starts in its place: a neighbour ends the daemon it left, and no other', async () => {
    const lost = await submit(world, 'r1-daemon', 'claude:daemon:3000', 1);
    const victim = workerOf((await working(world, lost.key, 5)).node);
    const kept = await submitMany(world, 'r1-kept', 4, () => 'claude:daemon:800', 5);
    const others = await waitFor(
      () => {
        const at = kept.map(({ key }) => world.runs().find((run) => run.key === key && run.step >= 5));
        const elsewhere = at.filter((run) => run !== undefined && run.node !== victim.name);
        return elsewhere.length > 0 ? elsewhere : null;
      },
      { timeoutMs: 60_000, what: 'a neighbour to work' },
    );
    const runOf = (key: string) => world.runs().findLast((run) => run.key === key)?.runId;
    const left = () => scanProcesses(world.dataDir).filter(({ runId }) => runId === runOf(lost.key));
    expect(left().length).toBeGreaterThan(1);
    await victim.kill();
    const killedAt = now();
    await waitFor(() => left().length === 0, { timeoutMs: 10_000, what: 'the daemon to be gone' });
    noteFigure('R1', 'a daemon of the lost worker is gone (I7)', now() - killedAt, 'ms');
    expect(await over(world, lost.taskId)).toBe('FAILED');
    for (const { key, taskId } of kept)
      if (others.some((run) => run?.key === key)) expect(await over(world, taskId)).toBe('COMPLETED');
    await victim.start();
    await world.check();
  });

  it('R2 zombie worker: what it writes after its sleep is refused, and its run is dead', async () => {
    const { key, taskId } = await submit(world, 'r2', 'slow:100@10');
    const child = await submit(world, 'r2-process', 'claude:ok:1200');
    const zombie = workerOf((await working(world, key, 5)).node);
    await working(world, child.key, 5);
    zombie.pause();
    const haltedAt = now();
    const next = await waitFor(
      () => world.runs().find((run) => run.key === key && run.what === 'started' && run.node !== zombie.name),
      { timeoutMs: 30_000, what: 'another worker to take over' },
    );
    noteFigure('R2', 'the next run after a worker is halted (lease 4 s)', next.at - haltedAt, 'ms');
    await waitFor(() => now() - next.at > 2 * LEASE_MS, { timeoutMs: 30_000, what: 'three leases to pass' });
    zombie.resume();
    expect(await over(world, taskId)).toBe('COMPLETED');
    await world.check();
    expect(world.runs().findLast((run) => run.key === key)?.node).not.toBe(zombie.name);
  });

  it('R2 zombie worker: halted in the middle of a transaction, it holds nobody up', async () => {
    const tasks = await submitMany(world, 'r2-locked', 4, () => 'slow:200@40', 5);
    const [first] = tasks;
    if (!first) throw new Error('nothing was submitted');
    const zombie = workerOf((await working(world, first.key, 5)).node);
    await waitFor(
      async () => {
        zombie.pause();
        // What the server still hears from it is on its way for a moment.
        const halted = await inTransaction();
        if (!halted) zombie.resume();
        return halted;
      },
      { timeoutMs: 30_000, intervalMs: 7, what: 'the worker to be halted in a transaction' },
    );
    const haltedAt = now();
    await waitFor(
      () =>
        world.runs().find((run) => run.what === 'started' && run.node !== zombie.name && run.at > haltedAt),
      { timeoutMs: 20_000, what: 'another worker to take over' },
    ).then(({ at }) =>
      noteFigure('R2', 'the next run after a halt in a transaction (lease 4 s)', at - haltedAt, 'ms'),
    );
    for (const { taskId } of tasks) expect(await over(world, taskId)).toBe('COMPLETED');
    zombie.resume();
    await world.check();
  });

  it('R3 lease lost while running: a worker without the database ends its runs before the lease does', async () => {
    const { key, taskId } = await submit(world, 'r3', 'slow:400@20', 5);
    const before = await working(world, key, 5);
    world.setUp.wires?.database.blackhole();
    const cutAt = now();
    const stop = await waitFor(
      () => world.runs().find((run) => run.runId === before.runId && run.what === 'stopped'),
      { timeoutMs: 20_000, what: 'the run to be ended' },
    );
    world.setUp.wires?.database.pass();
    noteFigure('R3', 'a run without its database ends after (lease 4 s)', stop.at - cutAt, 'ms');
    // The last renewal may be a moment older than the cut; it is asked every half second.
    expect(stop.at - cutAt).toBeLessThan(LEASE_MS - 2000 + 750);
    expect(await over(world, taskId, 90_000)).toBe('COMPLETED');
    await world.check();
  });

  it('R20 poison task: one that kills its workers is given up, and the others finish', async () => {
    const others = await submitMany(world, 'r20', 8, () => 'slow:40@20', 5);
    const { taskId } = await submit(world, 'r20-poison', 'crash:2', 2);
    await waitFor(
      async () => {
        for (const worker of world.setUp.workers) if (!worker.runs) await worker.start();
        return (await world.client.status(taskId)) === 'FAILED';
      },
      { timeoutMs: 90_000, intervalMs: 200, what: 'the poison task to be given up' },
    );
    for (const worker of world.setUp.workers) if (!worker.runs) await worker.start();
    const history = await world.check();
    const row = history.database.tasks.find(({ task_id }) => task_id === taskId);
    expect(row).toMatchObject({ status: 'FAILED', status_reason: 'crash_loop', attempt: 2 });
    for (const other of others) expect(await world.client.status(other.taskId)).toBe('COMPLETED');
  });
});
