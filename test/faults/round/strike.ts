import { setTimeout as delay } from 'node:timers/promises';
import { INTAKE } from '../../support/intake-bytes.js';
import { withRedis } from '../harness/count-jobs.js';
import type { FaultNode } from '../harness/fault-node.js';
import type { World } from '../harness/world.js';
import type { Blow } from './nemesis.js';

/** Does to the world what the plan says, and undoes it when its time is over. */
export async function strike(world: World, blow: Blow): Promise<void> {
  const { setUp } = world;
  const node = world.nodes[blow.target % world.nodes.length];
  switch (blow.kind) {
    case 'kill':
    case 'halt':
    case 'restart':
      return node && strikeNode(node, blow);
    case 'flap':
      return world.flapWatchers();
    case 'redis-kill':
      setUp.redis?.signal('SIGKILL');
      await delay(blow.forMs);
      return setUp.redis?.restart();
    case 'redis-flush':
      return void (setUp.redis && (await withRedis(setUp.redis.url, (client) => client.flushall())));
    case 'redis-cut':
      return setUp.wires?.redis.cut();
    case 'redis-silent':
      setUp.wires?.redis.blackhole();
      await delay(blow.forMs);
      return setUp.wires?.redis.pass();
    case 'database-cut':
      return setUp.wires?.database.cut();
    case 'database-silent':
      setUp.wires?.database.blackhole();
      await delay(blow.forMs);
      return setUp.wires?.database.pass();
    case 'disk-full':
      return world.disk?.fill(blow.forMs);
    case 'lose-commit':
      return setUp.wires?.database.loseAnswerTo('COMMIT');
    case 'lose-intake':
      return setUp.wires?.database.loseAnswerTo(INTAKE);
    case 'postgres-kill':
      setUp.postgres?.signal('SIGKILL');
      await delay(blow.forMs);
      return setUp.postgres?.restart();
  }
}

async function strikeNode(node: FaultNode, { kind, forMs }: Blow): Promise<void> {
  if (kind === 'halt') {
    node.pause();
    await delay(forMs);
    return node.resume();
  }
  if (kind === 'kill') await node.kill();
  else await node.end();
  await delay(forMs / 4);
  await node.start();
}
