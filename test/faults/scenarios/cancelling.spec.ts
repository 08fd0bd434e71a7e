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
const SCRIPT = 'slow:4@100';

describe.each(SET_UP_NAMES)('cancelling on %s', (name) => {
  let world: World;
  beforeAll(async () => {
    world = await World.open(name, { leaseSeconds: 12, concurrency: AT_ONCE });
  });
  afterAll(() => world.close());

  const cancel = async (taskId: string) =>
    (await world.client.call('POST', `/api/tasks/${taskId}/cancel`))?.status;

  /** How long it takes from a 202 to the end of such a run, in the middle of some. */
  const typicalMs = async (): Promise<number> => {
    const times = await Promise.all(
      Array.from({ length: AT_ONCE }, async (_none, n) => {
        const { key, taskId } = await submit(world, `r25-typical-${n}`, SCRIPT, 1);
        const acceptedAt = now();
        expect(await over(world, taskId)).toBe('COMPLETED');
        const end = world.runs().find((run) => run.key === key && run.what === 'ended');
        return (end?.at ?? NaN) - acceptedAt;
      }),
    );
    return times.sort((a, b) => a - b)[AT_ONCE / 2] ?? NaN;
  };

  it(`R25 cancel races finish ×${RACES}: one end, and the loser is told`, async () => {
    const random = new Random(25);
    const latestMs = Math.round(2 * (await typicalMs()));
    const won = { cancel: 0, finish: 0 };
    const wrong: string[] = [];
    let next = 1;
    const lane = async (): Promise<void> => {
      while (next <= RACES) {
        const { taskId } = await submit(world, `r25-${next++}`, SCRIPT, 1);
        await delay(random.between(0, latestMs));
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

  // In one process a hint cannot be lost.
  if (name === 'postgres')
    it('R26 the hint is lost: the heartbeat brings the cancellation', async () => {
      const { key, taskId } = await submit(world, 'r26', 'slow:2000@20', 1);
      await working(world, key, 2);
      world.setUp.wires?.redis.blackhole();
      const from = now();
      expect(await cancel(taskId)).toBe(202);
      expect(await over(world, taskId)).toBe('CANCELLED');
      noteFigure('R26', 'cancelled without the hint (lease 12 s)', now() - from, 'ms');
      expect(now() - from).toBeLessThan(3000 + 1000);
      world.setUp.wires?.redis.pass();
      await world.check();
    });
});
