import { Redis } from 'ioredis';
import { sharedServerUrl } from './shared-servers.js';

export interface RedisNamespace {
  /** For REDIS_URL: the shared server with a database number that no other suite has. */
  readonly url: string;
  /** Empties this database alone. */
  flush(): Promise<void>;
}

/**
 * A database of its own on the Redis of this test run. Pub/sub knows no database numbers: a suite that must not
 * hear others, or that kills, fills or configures Redis, starts one for itself with `startRedis`.
 */
export async function createRedisNamespace(): Promise<RedisNamespace> {
  const server = sharedServerUrl('redis');
  const number = await withClient(server, (client) => client.incr('test:databases-given-out'));
  const url = `${server}/${number}`;
  return { url, flush: async () => void (await withClient(url, (client) => client.flushdb())) };
}

async function withClient<T>(url: string, use: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(url, { maxRetriesPerRequest: 1, lazyConnect: true });
  try {
    await client.connect();
    return await use(client);
  } finally {
    client.disconnect();
  }
}
