import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { waitFor } from '../../support/index.js';
import { countOpen } from '../harness/dump-database.js';
import type { FaultNode } from '../harness/fault-node.js';
import { promptOf } from '../harness/recorded-engine.js';
import type { SetUpName } from '../harness/set-up.js';
import { World } from '../harness/world.js';

const LIMIT_MS = 600_000;
jest.setTimeout(LIMIT_MS);
/** More transactions than a node makes from its start to the end of a task: the last points are never reached. */
const POINTS = 14;

let world: World;
afterEach(() => world.close());

const CASES: [SetUpName, string, (world: World) => FaultNode | undefined][] = [
  ['sqlite', 'the service', ({ setUp }) => setUp.apis[0]],
  ['postgres', 'a worker', ({ setUp }) => setUp.workers[0]],
  ['postgres', 'an api', ({ setUp }) => setUp.apis[0]],
];

describe('R17–19 a crash at every write', () => {
  it.each(CASES)('on %s: %s is killed before and after each commit', async (name, _title, nodeOf) => {
    world = await World.open(name, { workers: 1, leaseSeconds: 3 });
    const node = nodeOf(world);
    if (!node) throw new Error('there is no such node');
    const submits: Promise<string>[] = [];
    const reached: string[] = [];
    for (let count = 1; count <= POINTS; count += 1) {
      for (const side of ['before', 'after']) {
        if (node.runs) await node.kill();
        const point = `write:${count}:${side}`;
        await node.start({ FAIL_POINT: point });
        const key = `${name}-${point}`;
        let accepted = false;
        // An api is killed again and again before it takes one, so that the first of them wait for long.
        const wish = { prompt: promptOf('ok:3', key), max_attempts: 5 };
        const submit = world.client.submit(key, wish, { limitMs: LIMIT_MS });
        submits.push(submit);
        void submit.then(() => (accepted = true)).catch(() => undefined);
        const { databaseUrl } = world.setUp;
        // It has ended there, or it has done all that there was to do and lives.
        await waitFor(async () => !node.runs || (accepted && (await countOpen(databaseUrl)) === 0), {
          timeoutMs: 40_000,
          intervalMs: 50,
          what: `${point} to be passed`,
        });
        if (node.runs) continue;
        await node.ended();
        reached.push(point);
      }
      if (node.runs) break;
    }
    if (node.runs) await node.kill();
    await node.start();
    await Promise.all(submits);
    const history = await world.check();
    expect(history.database.tasks).toHaveLength(submits.length);
    expect(reached.length).toBeGreaterThan(8);
  });
});
