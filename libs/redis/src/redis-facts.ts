import { Cluster, type Redis } from 'ioredis';
import type { RedisClient } from './connect-redis.js';

/** How a Redis is set up, in its own words. */
export interface RedisFacts {
  /** Null where the server does not say. */
  evictionPolicy: string | null;
  appendsToFile: boolean;
  /** Null where the server does not say: CONFIG is forbidden on many hosted servers. */
  appendFsync: string | null;
  lastWriteOk: boolean;
  /** How far its clock is ahead of ours. */
  skewMs: number;
}

/** Asks each server that holds data. Throws when one does not answer. */
export function factsOf(client: RedisClient): Promise<RedisFacts[]> {
  return Promise.all((client instanceof Cluster ? client.nodes('master') : [client]).map(factsOfNode));
}

/** The worst of them all. */
export function worstFacts(facts: readonly RedisFacts[]): RedisFacts {
  const evicting = facts.find(({ evictionPolicy: policy }) => policy !== null && policy !== 'noeviction');
  const skews = facts.map(({ skewMs }) => skewMs);
  return {
    evictionPolicy: (evicting ?? facts[0])?.evictionPolicy ?? null,
    appendsToFile: facts.every(({ appendsToFile }) => appendsToFile),
    appendFsync: (facts.find(({ appendFsync }) => appendFsync === 'no') ?? facts[0])?.appendFsync ?? null,
    lastWriteOk: facts.every(({ lastWriteOk }) => lastWriteOk),
    skewMs: skews.reduce((worst, skew) => (Math.abs(skew) > Math.abs(worst) ? skew : worst), 0),
  };
}

async function factsOfNode(node: Redis): Promise<RedisFacts> {
  const askedMs = Date.now();
  const [seconds = 0, micros = 0] = await node.time();
  const skewMs = seconds * 1000 + micros / 1000 - (askedMs + Date.now()) / 2;
  // INFO, which is allowed everywhere.
  const [memory, persistence] = await Promise.all([node.info('memory'), node.info('persistence')]);
  return {
    evictionPolicy: /^maxmemory_policy:([\w-]+)/m.exec(memory)?.[1] ?? null,
    appendsToFile: !/^aof_enabled:0/m.test(persistence),
    appendFsync: await configOf(node, 'appendfsync'),
    lastWriteOk: !/^aof_last_(write|bgrewrite)_status:err/m.test(persistence),
    skewMs,
  };
}

async function configOf(node: Redis, name: string): Promise<string | null> {
  const answer: unknown = await node.config('GET', name).catch(() => null);
  return Array.isArray(answer) && typeof answer[1] === 'string' ? answer[1] : null;
}
