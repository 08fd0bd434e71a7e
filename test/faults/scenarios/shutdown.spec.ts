import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { now } from '../harness/clock.js';
import { noteFigure } from '../harness/figures.js';
import { over, submit, working, type Submitted } from '../harness/load.js';
import { World } from '../harness/world.js';

jest.setTimeout(120_000);
const LANES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];

describe('rolling restarts', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open('postgres', { workers: 2, apis: 2, graceSeconds: 4 });
  });
  afterAll(() => world.close());

  it('R21 one node after the other: clients see no error, and no task is lost or run in vain', async () => {
    const tasks: Submitted[] = [];
    let rolling = true;
    // Each goes on with its next task when the one before is over, until all nodes have been restarted.
    const lane = async (name: string): Promise<void> => {
      for (let n = 1; rolling; n += 1) {
        const task = await submit(world, `r21-${name}-${n}`, 'slow:20@20', 2);
        tasks.push(task);
        await over(world, task.taskId);
      }
    };
    const lanes = Promise.all(LANES.map(lane));
    // What goes wrong in a lane is told when the nodes are back.
    lanes.catch(() => undefined);
    const codes: (number | null)[] = [];
    for (const node of world.nodes) {
      codes.push(await node.end());
      await node.start();
    }
    rolling = false;
    await lanes;
    expect(codes).toEqual(world.nodes.map(() => 0));
    const history = await world.check();
    for (const { taskId } of tasks)
      expect(history.database.tasks.find(({ task_id }) => task_id === taskId)).toMatchObject({
        status: 'COMPLETED',
        attempt: 1,
      });
    // A node that is away refuses connections, and the client asks the other one: what was sent is answered.
    const lost = history.client.filter((entry) => entry.kind === 'no-answer' && !entry.refused);
    expect(lost).toEqual([]);
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
