import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import { Cluster, Redis, type RedisOptions } from 'ioredis';
import type { RedisTarget } from '@app/config';

export type RedisClient = Redis | Cluster;

/**
 * `command`: fails fast, so that a caller learns within two seconds that Redis is away. `subscriber` and `blocking`
 * wait for Redis to come back, as subscriptions and Bull's workers must.
 */
export type ConnectionRole = 'command' | 'subscriber' | 'blocking';

const ROLE_OPTIONS: Record<ConnectionRole, RedisOptions> = {
  command: { maxRetriesPerRequest: 1, commandTimeout: 2000, enableOfflineQueue: false },
  subscriber: { maxRetriesPerRequest: null },
  blocking: { maxRetriesPerRequest: null, enableReadyCheck: false },
};

/** Makes all connections to Redis, and closes them when the process ends. Errors are logged once per outage. */
export class RedisConnections implements OnApplicationShutdown {
  private readonly logger = new Logger(RedisConnections.name);
  private readonly clients = new Set<RedisClient>();
  private readonly shared = new Map<string, RedisClient>();
  private readonly listeners = new Set<() => void>();
  private away = false;
  private closing = false;

  constructor(private readonly target: RedisTarget) {}

  /** The one connection of that purpose. */
  share(role: ConnectionRole): RedisClient {
    const known = this.shared.get(role);
    if (known) return known;
    const made = this.open(ROLE_OPTIONS[role]);
    this.shared.set(role, made);
    return made;
  }

  /** Bull's contract: `client` and `subscriber` may be shared, each `bclient` is its own (it blocks). */
  createBullClient(type: 'client' | 'subscriber' | 'bclient'): RedisClient {
    if (type === 'bclient') return this.open(ROLE_OPTIONS.blocking);
    const known = this.shared.get(`bull ${type}`);
    if (known) return known;
    const made = this.open(ROLE_OPTIONS.blocking);
    this.shared.set(`bull ${type}`, made);
    return made;
  }

  /** Calls back each time a lost connection is there again. */
  onReconnect(listener: () => void): void {
    this.listeners.add(listener);
  }

  async onApplicationShutdown(): Promise<void> {
    this.closing = true;
    await Promise.allSettled([...this.clients].map((client) => this.close(client)));
  }

  private open(options: RedisOptions): RedisClient {
    const client = connect(this.target, options);
    this.clients.add(client);
    // Without a listener an error of a connection would end the process.
    client.on('error', (error: Error) => this.lost(error.message));
    client.on('close', () => this.lost('the connection was closed'));
    client.on('ready', () => this.back());
    client.on('end', () => this.clients.delete(client));
    return client;
  }

  private async close(client: RedisClient): Promise<void> {
    if (client.status === 'ready') {
      const limit = new Promise((resolve) => setTimeout(resolve, 500).unref());
      await Promise.race([client.quit().catch(() => undefined), limit]);
    }
    client.disconnect();
  }

  private lost(message: string): void {
    if (this.away || this.closing) return;
    this.away = true;
    this.logger.warn(`Redis cannot be reached: ${message}`);
  }

  private back(): void {
    if (!this.away) return;
    this.away = false;
    this.logger.log('Redis is there again');
    for (const listener of this.listeners) listener();
  }
}

function connect(target: RedisTarget, options: RedisOptions): RedisClient {
  const login: RedisOptions = {
    ...options,
    ...(target.username ? { username: target.username } : {}),
    ...(target.password ? { password: target.password } : {}),
    ...(target.tls ? { tls: {} } : {}),
    connectTimeout: 2000,
    retryStrategy: (attempt) => Math.min(attempt * 100, 2000),
  };
  switch (target.kind) {
    case 'single':
      return new Redis({ ...login, ...target.address, db: target.db });
    case 'sentinel':
      return new Redis({ ...login, sentinels: target.sentinels, name: target.name, db: target.db });
    case 'cluster':
      return new Cluster(target.nodes, { redisOptions: login, enableReadyCheck: options.enableReadyCheck ?? true });
  }
}
