import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { INTAKE, waitFor } from '../../support/index.js';
import { now } from '../harness/clock.js';
import { noteFigure } from '../harness/figures.js';
import { over, submit, submitMany, working } from '../harness/load.js';
import { promptOf } from '../harness/recorded-engine.js';
import { World } from '../harness/world.js';

jest.setTimeout(180_000);

describe('Postgres in trouble', () => {
  let world: World;
  beforeAll(async () => {
    world = await World.open('postgres', { workers: 2 });
  });
  afterAll(() => world.close());

  let refusals = 0;
  const refused = async (key: string): Promise<string | null> => {
    const wish = { prompt: promptOf('ok:1', `${key}-${++refusals}`) };
    const called = await world.client.call('POST', '/api/tasks', { body: wish, timeoutMs: 15_000 });
    return (
      called && `${called.status} ${called.code} ${called.retryAfter === null ? '' : 'with'} Retry-After`
    );
  };
  const untilAccepted = async (key: string, outageAt: number): Promise<void> => {
    await submit(world, key.replace(' ', '-'), 'ok:3', 5);
    noteFigure(key, 'accepting again after the database is back', now() - outageAt, 'ms');
    expect(now() - outageAt).toBeLessThan(5000);
  };

  it('R12 killed: 503 with Retry-After, and well again by itself', async () => {
    const tasks = await submitMany(world, 'r12', 8, () => 'slow:60@20', 5);
    const [first] = tasks;
    if (first) await working(world, first.key, 3);
    world.setUp.postgres?.signal('SIGKILL');
    const answer = await waitFor(async () => {
      const told = await refused('r12-refused');
      return told?.startsWith('202') ? null : told;
    });
    expect(answer).toBe('503 DB_UNAVAILABLE with Retry-After');
    await world.setUp.postgres?.restart();
    await untilAccepted('R12 killed', now());
    for (const { taskId } of tasks) expect(await over(world, taskId)).toMatch('COMPLETED');
    await world.check();
  });

  it('R12 halted: 503 within two seconds instead of a hang, and well again by itself', async () => {
    const tasks = await submitMany(world, 'r12-halted', 8, () => 'slow:60@20', 5);
    world.setUp.wires?.database.blackhole();
    const from = now();
    for (let n = 0; now() - from < 8000; n += 1)
      expect(await refused(`r12-halted-${n}`)).toBe('503 DB_UNAVAILABLE with Retry-After');
    world.setUp.wires?.database.pass();
    await untilAccepted('R12 halted', now());
    for (const { taskId } of tasks) expect(await over(world, taskId)).toMatch('COMPLETED');
    await world.check();
  });

  it('R13 the answer to what commits a task is lost: the same key gives the same task', async () => {
    const keys = Array.from({ length: 10 }, (_none, n) => `r13-${n + 1}`);
    for (const key of keys) {
      world.setUp.wires?.database.loseAnswerTo(INTAKE);
      const { taskId } = await submit(world, key, 'ok:2', 5);
      expect(await over(world, taskId)).toBe('COMPLETED');
    }
    const { client } = await world.check();
    const answersTo = (key: string): number[] =>
      client.flatMap((one) => (one.kind === 'answer' && one.key === key ? [one.answer.status] : []));
    // An answer was really lost each time.
    expect(keys.map(answersTo)).toEqual(keys.map(() => [503, 202]));
  });
});
