import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { now } from '../harness/clock.js';
import { noteFigure } from '../harness/figures.js';
import { over, submit, submitMany, working } from '../harness/load.js';
import { World } from '../harness/world.js';

jest.setTimeout(120_000);

describe('rolling restarts', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open('postgres', { workers: 2, apis: 2, graceSeconds: 4 });
  });
  afterAll(() => world.close());

  it('R21 one node after the other: clients see no error, and no task is lost or run in vain', async () => {
    const submitted = submitMany(world, 'r21', 120, () => 'slow:20@20', 2);
    const codes: (number | null)[] = [];
    for (const node of world.nodes) {
      codes.push(await node.end());
      await node.start();
    }
    const tasks = await submitted;
    expect(codes).toEqual(world.nodes.map(() => 0));
    const history = await world.check();
    for (const { taskId } of tasks)
      expect(history.database.tasks.find(({ task_id }) => task_id === taskId)).toMatchObject({
        status: 'COMPLETED',
        attempt: 1,
      });
    expect(history.client.filter(({ kind }) => kind === 'no-answer')).toEqual([]);
  });

  it('R22 grace exceeded: what still runs is handed back, and another worker goes on', async () => {
    const { key, taskId } = await submit(world, 'r22', 'slow:150@15', 2);
    const { node: name } = await working(world, key, 3);
    const node = world.setUp.workers.find((worker) => worker.name === name);
    const from = now();
    expect(await node?.end()).toBe(0);
    const handedBackAt = now();
    expect(handedBackAt - from).toBeLessThan(4000 + 3000);
    expect(await over(world, taskId)).toBe('COMPLETED');
    const next = world.runs().find((run) => run.key === key && run.what === 'started' && run.node !== name);
    noteFigure('R22', 'another worker goes on after the grace (4 s) is over', (next?.at ?? NaN) - from, 'ms');
    await node?.start();
    const history = await world.check();
    expect(history.database.tasks.find(({ task_id }) => task_id === taskId)?.attempt).toBe(1);
  });
});
