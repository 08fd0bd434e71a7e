import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { now } from '../harness/clock.js';
import { noteFigure } from '../harness/figures.js';
import { over, submit, working } from '../harness/load.js';
import { Random } from '../harness/random.js';
import { SET_UP_NAMES } from '../harness/set-up.js';
import { World } from '../harness/world.js';

jest.setTimeout(240_000);
const RACES = 250;
const AT_ONCE = 10;

describe.each(SET_UP_NAMES)('cancelling on %s', (name) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(name, { leaseSeconds: 12, concurrency: AT_ONCE });
  });
  afterAll(() => world.close());

  const cancel = async (taskId: string) =>
    (await world.client.call('POST', `/api/tasks/${taskId}/cancel`))?.status;

  it(`R25 cancel races finish ×${RACES}: one end, and the loser is told`, async () => {
    const random = new Random(25);
    const won = { cancel: 0, finish: 0 };
    const wrong: string[] = [];
    let next = 1;
    const lane = async (): Promise<void> => {
      while (next <= RACES) {
        const { taskId } = await submit(world, `r25-${next++}`, 'slow:4@100', 1);
        await delay(random.between(0, 100));
        const answer = await cancel(taskId);
        const end = await over(world, taskId);
        const winner = answer === 202 ? 'cancel' : 'finish';
        won[winner] += 1;
        if (end !== (winner === 'cancel' ? 'CANCELLED' : 'COMPLETED')) wrong.push(`${answer} and ${end}`);
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
    expect(wrong).toEqual([]);
    // Both must have won now and then, or nothing raced.
    expect(Math.min(won.cancel, won.finish)).toBeGreaterThan(RACES / 50);
    await world.check();
  });

  it('R26 the hint is lost: the heartbeat brings the cancellation', async () => {
    const { key, taskId } = await submit(world, 'r26', 'slow:2000@20', 1);
    await working(world, key, 2);
    world.setUp.wires?.redis.blackhole();
    const from = now();
    expect(await cancel(taskId)).toBe(202);
    expect(await over(world, taskId)).toBe('CANCELLED');
    noteFigure('R26', `cancelled without the hint (lease 12 s, ${name})`, now() - from, 'ms');
    expect(now() - from).toBeLessThan(3000 + 1000);
    world.setUp.wires?.redis.pass();
    await world.check();
  });
});
