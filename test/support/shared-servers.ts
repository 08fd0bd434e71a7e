import { startPostgres } from './private-postgres.js';
import { startRedis } from './private-redis.js';

/** Where the servers of this run are written down for the test processes. */
const VARIABLES = { postgres: 'TEST_POSTGRES_URL', redis: 'TEST_REDIS_URL' } as const;

/** One Postgres and one Redis for all suites of a run; TEST_POSTGRES_FSYNC=on has Postgres really write to disk. */
export async function startSharedServers(): Promise<() => Promise<void>> {
  const durable = process.env.TEST_POSTGRES_FSYNC === 'on';
  const starting = await Promise.allSettled([startPostgres({ durable }), startRedis()]);
  const [postgres, redis] = starting;
  if (postgres.status === 'rejected' || redis.status === 'rejected') {
    for (const one of starting) if (one.status === 'fulfilled') await one.value.stop();
    throw starting.find((one) => one.status === 'rejected')?.reason;
  }
  process.env[VARIABLES.postgres] = postgres.value.url;
  process.env[VARIABLES.redis] = redis.value.url;
  return async () => void (await Promise.all([postgres.value.stop(), redis.value.stop()]));
}

export function sharedServerUrl(server: keyof typeof VARIABLES): string {
  const url = process.env[VARIABLES[server]];
  if (!url) {
    throw new Error(
      `No ${server} was started for this suite: it belongs in test/, not beside the source (unit).`,
    );
  }
  return url;
}
