import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisTarget } from '@app/config';

export type RedisClient = Redis | Cluster;

/**
 * What a connection does while Redis is away:
 * - `command`: fails at once, and gives up an answer after two seconds, so that nothing waits and nothing piles up.
 * - `queue`: bridges a restart, because a job taken by another connection would be lost for half a minute if the
 *   command that follows failed; after some vain attempts to connect it fails all that waits.
 * - `subscriber`, `blocking`: wait without end, as subscriptions and Bull's workers must. Bull refuses them with a
 *   ready check or a limit of retries.
 */
export type ConnectionRole = 'command' | 'queue' | 'subscriber' | 'blocking';

const ROLE_OPTIONS: Record<ConnectionRole, RedisOptions> = {
  command: { maxRetriesPerRequest: 1, commandTimeout: 2000, enableOfflineQueue: false },
  queue: { maxRetriesPerRequest: 3 },
  subscriber: { maxRetriesPerRequest: null, enableReadyCheck: false },
  blocking: { maxRetriesPerRequest: null, enableReadyCheck: false },
};

const CONNECT_TIMEOUT_MS = 2000;

export function connectRedis(target: RedisTarget, role: ConnectionRole): RedisClient {
  const options: RedisOptions = {
    ...ROLE_OPTIONS[role],
    ...(target.username ? { username: target.username } : {}),
    ...(target.password ? { password: target.password } : {}),
    ...(target.tls ? { tls: {} } : {}),
    connectionName: `claude-code-agent:${role}`,
    connectTimeout: CONNECT_TIMEOUT_MS,
    disconnectTimeout: 500,
    keepAlive: 10_000,
    // The first word of an error is Redis's code: this server became a replica. Ask anew who the master is, and resend.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  };
  switch (target.kind) {
    case 'single':
      return new Redis({ ...options, ...target.address, db: target.db, retryStrategy: backOff });
    case 'sentinel':
      return new Redis({
        ...options,
        sentinels: target.sentinels,
        name: target.name,
        db: target.db,
        retryStrategy: backOff,
        sentinelRetryStrategy: backOff,
      });
    case 'cluster':
      return new Cluster(target.nodes, {
        redisOptions: options,
        enableReadyCheck: options.enableReadyCheck ?? true,
        enableOfflineQueue: options.enableOfflineQueue ?? true,
        clusterRetryStrategy: backOff,
        slotsRefreshTimeout: CONNECT_TIMEOUT_MS,
      });
  }
}

/** Soon at first, since most outages are restarts; never slower than every two seconds, and without an end. */
function backOff(attempt: number): number {
  return Math.min(attempt * 100, 2000);
}
