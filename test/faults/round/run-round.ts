import { setTimeout as delay } from 'node:timers/promises';
import { now } from '../harness/clock.js';
import { submit } from '../harness/load.js';
import { Random } from '../harness/random.js';
import type { SetUpName } from '../harness/set-up.js';
import { World } from '../harness/world.js';
import { describeBlow, planBlows } from './nemesis.js';
import { strike } from './strike.js';

export interface RoundOptions {
  setUp: SetUpName;
  seed: number;
  seconds: number;
  print?: (line: string) => void;
}

export interface RoundResult {
  tasks: number;
  blows: number;
  ends: Record<string, number>;
}

const SCRIPTS = [
  'ok:5',
  'ok:50',
  'slow:20@20',
  'slow:40@10',
  'claude:ok:20',
  'claude:daemon',
  'claude:exit:3',
  'fail:invalid_request',
] as const;
/** Between two blows the service is well for so long at least. */
const REST_MS = 1000;
/** On a slow machine, where a restart takes long, a round lasts until there were so many. */
const LEAST_BLOWS = 3;
/** Tasks come in lanes: each client submits one after the other. */
const LANES = 3;

/**
 * Clients submit, watch and cancel while a nemesis strikes by its plan; afterwards everything has to come to rest,
 * and every invariant has to hold. Throws with what is broken.
 */
export async function runRound({
  setUp,
  seed,
  seconds,
  print = () => undefined,
}: RoundOptions): Promise<RoundResult> {
  const world = await World.open(setUp, {
    ...{ workers: 2, apis: 2, leaseSeconds: 6, graceSeconds: 2 },
    ...(setUp === 'sqlite' ? { diskMegabytes: 256 } : {}),
  });
  try {
    const blows = planBlows(new Random(seed), setUp, seconds, world.nodes.length);
    for (const blow of blows) print(`  ${describeBlow(blow)}`);
    const until = now() + seconds * 1000;
    const leastBlows = Math.min(LEAST_BLOWS, blows.length);
    let struck = 0;
    const isOver = (): boolean => now() > until && struck >= leastBlows;
    const lanes = Array.from({ length: LANES }, (_none, lane) =>
      runLane(world, new Random(seed + lane + 1), lane, isOver),
    );
    const work = Promise.all(lanes);
    // What goes wrong in a lane is told when the blows are over.
    work.catch(() => undefined);
    const from = now();
    for (const blow of blows) {
      // Where a restart takes long the plan is behind its times: there is a rest all the same, and an end.
      await delay(Math.max(REST_MS, from + blow.atMs - now()));
      if (isOver()) break;
      await strike(world, blow);
      struck += 1;
    }
    await work;
    const { database } = await world.check();
    const ends: Record<string, number> = {};
    for (const { status } of database.tasks) ends[status] = (ends[status] ?? 0) + 1;
    return { tasks: database.tasks.length, blows: struck, ends };
  } finally {
    await world.close();
  }
}

async function runLane(world: World, random: Random, lane: number, isOver: () => boolean): Promise<void> {
  const watcher = world.socketWatcher(`lane-${lane}`);
  for (let n = 1; !isOver(); n += 1) {
    const { taskId } = await submit(world, `${lane}-${n}`, random.pick(SCRIPTS), random.between(1, 5));
    if (random.next() < 0.5) watcher.watch(taskId);
    else if (random.next() < 0.3) world.streamWatcher(`lane-${lane}-${n}`, taskId);
    if (random.next() < 0.2) await world.client.call('POST', `/api/tasks/${taskId}/cancel`);
    if (random.next() < 0.2) await world.client.status(taskId);
    await delay(random.between(0, 300));
  }
}
