import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '../../support/index.js';
import { countOpen } from '../harness/dump-database.js';
import { BY_THE_CLOCK, SIDES } from '../harness/fail-point-name.js';
import type { FaultNode } from '../harness/fault-node.js';
import { noteFigure } from '../harness/figures.js';
import { over, submit, working } from '../harness/load.js';
import type { SetUpName } from '../harness/set-up.js';
import { visit, visitWrites, writersOf, type Route, type Visit } from '../harness/visit-writes.js';
import { World } from '../harness/world.js';

jest.setTimeout(400_000);

let world: World;
afterEach(() => world.close());

const nothing = (): Promise<void> => Promise.resolve();
const never = (): Promise<boolean> => Promise.resolve(false);
const allIsOver = async (): Promise<boolean> => (await countOpen(world.setUp.databaseUrl)) === 0;
const settled = (): Promise<boolean> =>
  waitFor(allIsOver, { timeoutMs: 60_000, intervalMs: 50, what: 'what was lost to be over' });

/** Tasks that come one by one, and are submitted until they are accepted, however often that takes a new start. */
class Submits {
  private readonly accepted: Promise<unknown>[] = [];

  begin(script: string): Promise<void> {
    const task = submit(world, `crash-${this.accepted.length + 1}`, script, 5);
    // Told by `all`, or not at all: when the test fails, its submits fail with it.
    task.catch(() => undefined);
    this.accepted.push(task);
    return nothing();
  }

  get count(): number {
    return this.accepted.length;
  }

  all(): Promise<unknown> {
    return Promise.all(this.accepted);
  }
}

const expectBothSides = (visits: readonly Visit[], writers: readonly string[]): void => {
  for (const side of SIDES)
    expect([...writersOf(visits, side)]).toEqual(expect.arrayContaining([...writers]));
};

const CLAIM = 'task-lifecycle.storeAll';
const STEP = 'run-steps.storeAll';
const INTAKE = 'task-intake.storeAll';
const BELL = 'outbox.repository.remove';

interface Case {
  name: SetUpName;
  title: string;
  nodeOf: (world: World) => FaultNode | undefined;
  /** Some of what it writes when it starts, and when a task is submitted. */
  atStart: string[];
  atTask: string[];
}

const CASES: Case[] = [
  {
    ...{ name: 'sqlite', title: 'the service', nodeOf: ({ setUp }) => setUp.apis[0] },
    ...{ atStart: ['worker.repository.add', 'storage-mark.repository.note'], atTask: [INTAKE, CLAIM, STEP] },
  },
  {
    ...{ name: 'postgres', title: 'a worker', nodeOf: ({ setUp }) => setUp.workers[0] },
    ...{ atStart: ['worker.repository.add'], atTask: [CLAIM, STEP] },
  },
  {
    ...{ name: 'postgres', title: 'an api', nodeOf: ({ setUp }) => setUp.apis[0] },
    ...{ atStart: ['worker.repository.add', 'storage-mark.repository.note'], atTask: [INTAKE, BELL] },
  },
];

describe('R17–19 a crash at every write', () => {
  it.each(CASES)('on $name: $title is killed before and after each commit', async (one) => {
    world = await World.open(one.name, { workers: 1 });
    const node = one.nodeOf(world);
    if (!node) throw new Error('there is no such node');
    const submits = new Submits();

    const atStart = await visitWrites({ node, from: 'start', begin: nothing, isOver: allIsOver });
    expectBothSides(atStart, one.atStart);

    let taken = false;
    const atTask = await visitWrites({
      ...{ node, from: 'signal' },
      begin: async () => {
        await submits.all();
        await settled();
        await node.arm();
        taken = false;
        // Slow enough that its output is a write of its own in every run.
        await submits.begin('slow:1@5');
        void submits.all().then(() => (taken = true), nothing);
      },
      isOver: async () => taken && (await allIsOver()),
    });
    expectBothSides(atTask, one.atTask);
    noteFigure('R17–19', `points on ${one.name}, ${one.title}`, atStart.length + atTask.length, 'kills');

    await submits.all();
    const { database } = await world.check();
    expect(database.tasks).toHaveLength(submits.count);
    expect(new Set(database.tasks.map(({ status }) => status))).toEqual(new Set(['COMPLETED']));
  });

  it('on sqlite: the service is killed before and after each commit that a clock makes it write', async () => {
    world = await World.open('sqlite');
    const [node] = world.nodes;
    if (!node) throw new Error('there is no node');
    const submits = new Submits();
    // Longer than a heartbeat and the worker's own sign of life are apart.
    const begin = (): Promise<void> => submits.begin('slow:45@10');
    const route: Route = { node, from: 'start', begin, isOver: never };
    for (const writer of BY_THE_CLOCK)
      for (const side of SIDES)
        expect(await visit(route, { from: 'start', count: 1, side, writer })).toBe(writer);
    await node.start();
    await submits.all();
    const { database } = await world.check();
    expect(database.tasks).toHaveLength(submits.count);
  });

  it('on sqlite: the service is killed before and after a cancellation is stored, and asked again', async () => {
    world = await World.open('sqlite');
    const [node] = world.nodes;
    if (!node) throw new Error('there is no node');
    const ends: Promise<string>[] = [];
    const submitAndCancel = async (key: string): Promise<string> => {
      const { taskId } = await submit(world, key, 'hang', 5);
      await working(world, key);
      // 409: it was cancelled, and the answer that said so was lost.
      await waitFor(
        async () => {
          const called = await world.client.call('POST', `/api/tasks/${taskId}/cancel`);
          return called?.status === 202 || called?.status === 409;
        },
        { timeoutMs: 60_000, intervalMs: 200, what: 'the cancellation to be answered' },
      );
      return over(world, taskId);
    };
    const begin = (): Promise<void> => {
      const end = submitAndCancel(`cancelled-${ends.length + 1}`);
      end.catch(() => undefined);
      ends.push(end);
      return nothing();
    };
    const route: Route = { node, from: 'start', begin, isOver: never };
    const writer = 'task-lifecycle.requestCancel';
    for (const side of SIDES)
      expect(await visit(route, { from: 'start', count: 1, side, writer })).toBe(writer);
    await node.start();
    expect(await Promise.all(ends)).toEqual(['CANCELLED', 'CANCELLED']);
    await world.check();
  });

  it.each([
    ['is queued again', 5, 'task-lifecycle.release', 'COMPLETED'],
    ['is given up', 1, STEP, 'FAILED'],
  ])(
    'on sqlite: the service is killed before and after a lost task %s',
    async (_title, attempts, writer, end) => {
      world = await World.open('sqlite');
      const [node] = world.nodes;
      if (!node) throw new Error('there is no node');
      const { key } = await submit(world, 'lost', 'slow:40@10', attempts);
      await working(world, key);
      const route: Route = { node, from: 'start', begin: nothing, isOver: never };
      for (const side of SIDES)
        expect(await visit(route, { from: 'start', count: 1, side, writer })).toBe(writer);
      await node.start();
      const { database } = await world.check();
      expect(database.tasks.map(({ status }) => status)).toEqual([end]);
    },
  );
});
