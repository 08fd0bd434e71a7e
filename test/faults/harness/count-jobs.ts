import { Redis } from 'ioredis';
import type { History } from '../checker/history.js';

const QUEUE = '{claude-code-agent}:task_queue';

/** The jobs of the doorbell, counted in Redis itself. */
export async function countJobs(url: string): Promise<NonNullable<History['jobs']>> {
  return withRedis(url, async (redis) => ({
    waiting: (await redis.llen(`${QUEUE}:wait`)) + (await redis.llen(`${QUEUE}:paused`)),
    active: await redis.llen(`${QUEUE}:active`),
    delayed: await redis.zcard(`${QUEUE}:delayed`),
  }));
}

export async function withRedis<T>(url: string, use: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url, { maxRetriesPerRequest: 1, lazyConnect: true, connectTimeout: 2000 });
  redis.on('error', () => undefined);
  try {
    await redis.connect();
    return await use(redis);
  } finally {
    redis.disconnect();
  }
}
