import type { PersistenceFinding } from '@app/contracts';
import { fail, ok, warn } from './finding.js';

/** What Redis says of itself, over all its nodes the worst. */
export interface RedisDurability {
  appendsToFile: boolean;
  /** `always`, `everysec` or `no`; null where the server does not tell. */
  appendFsync: string | null;
  lastWriteOk: boolean;
  evictionPolicy: string | null;
  /** How far its clock is from ours. */
  skewMs: number;
}

/** Redis may lose all it has without losing a task: it is about how soon tasks go on. Null: it does not answer. */
export function checkRedis(redis: RedisDurability | null): PersistenceFinding {
  if (!redis) {
    return fail(
      'redis',
      'REDIS_UNREACHABLE',
      'It does not answer: tasks are accepted and wait.',
      'Start it, or correct REDIS_URL.',
    );
  }
  const { evictionPolicy, appendFsync } = redis;
  if (evictionPolicy !== null && evictionPolicy !== 'noeviction') {
    return fail(
      'redis',
      'REDIS_EVICTS',
      `It throws queued work away when its memory is full: maxmemory-policy is ${evictionPolicy}.`,
      'Run: redis-cli CONFIG SET maxmemory-policy noeviction, and set it in redis.conf.',
    );
  }
  if (!redis.appendsToFile) {
    return warn(
      'redis',
      'REDIS_NO_AOF',
      'It keeps no append-only file: after its restart the queue is empty, and tasks wait until they are put into it again.',
      'Start it with `redis-server --appendonly yes`, with a volume at its /data.',
    );
  }
  if (!redis.lastWriteOk) {
    return fail(
      'redis',
      'REDIS_AOF_FAILS',
      'It cannot write its append-only file.',
      'Look at its log; its disk may be full.',
    );
  }
  if (appendFsync === 'no') {
    return warn(
      'redis',
      'REDIS_AOF_NOT_FLUSHED',
      'It leaves flushing its file to the system, which may take half a minute.',
      'Run: redis-cli CONFIG SET appendfsync everysec, and set it in redis.conf.',
    );
  }
  return ok(
    'redis',
    `It keeps an append-only file${appendFsync === null ? '' : ` (appendfsync ${appendFsync})`} and evicts nothing.`,
  );
}
