import { once } from 'node:events';
import { Logger, type OnApplicationShutdown } from '@nestjs/common';
import type { RedisTarget } from '@app/config';
import { connectRedis, type ConnectionRole, type RedisClient } from './connect-redis.js';
import { factsOf, type RedisFacts } from './redis-facts.js';
import { RedisOutage } from './redis-outage.js';
import { RedisSilence } from './redis-silence.js';

const HEARTBEAT_MS = 5000;
const FAREWELL_MS = 500;

/**
 * Owns all connections to Redis: makes them, watches over them and closes them when the process ends. They connect
 * in the background and again after each loss, without end; no error of theirs goes unhandled, and an outage is
 * logged once when it begins and once when it is over. What a command does meanwhile depends on its connection's role.
 */
export class RedisConnections implements OnApplicationShutdown {
  private readonly clients = new Map<RedisClient, ConnectionRole>();
  private readonly shared = new Map<string, RedisClient>();
  private readonly outage = new RedisOutage(new Logger(RedisConnections.name));
  private readonly silence = new RedisSilence();
  private readonly heartbeat = setInterval(() => {
    for (const client of this.clients.keys()) this.silence.check(client);
  }, HEARTBEAT_MS);

  constructor(private readonly target: RedisTarget) {}

  /** The number of the database. Pub/sub knows none: who shares a Redis puts it into the names of channels. */
  get database(): number {
    return this.target.kind === 'cluster' ? 0 : this.target.db;
  }

  /** The one connection of that role, made at the first call. */
  share(role: 'command' | 'subscriber'): RedisClient {
    return this.sharedAs(role, role);
  }

  /**
   * Bull's `createClient`. Who adds jobs must not wait, so `adding` has a connection of its own that fails at once
   * while Redis is away. Of those for `working`, `client` and `subscriber` are shared by all queues; each `bclient`
   * blocks and is its own.
   */
  createBullClient(use: 'adding' | 'working', type: 'client' | 'subscriber' | 'bclient'): RedisClient {
    switch (type) {
      case 'client':
        return use === 'adding'
          ? this.sharedAs('bull adding', 'command')
          : this.sharedAs('bull client', 'queue');
      case 'subscriber':
        return this.sharedAs('bull subscriber', 'subscriber');
      case 'bclient':
        return this.open('blocking');
    }
  }

  /** Calls back each time Redis is there again after it was away; returns the function that ends that. */
  onReconnect(listener: () => void): () => void {
    return this.outage.onEnd(listener);
  }

  /** What is known without asking Redis: a silent server is noticed some seconds later than by a command. */
  status(): { ok: boolean; problem: string | null } {
    return { ok: this.outage.problem === null, problem: this.outage.problem };
  }

  /** How each server that holds data is set up; null when Redis does not answer within `limitMs`. */
  async facts(limitMs: number): Promise<RedisFacts[] | null> {
    const client = this.share('command');
    try {
      await becomesReady(client, AbortSignal.timeout(limitMs));
      return await factsOf(client);
    } catch {
      // Why it is away is in the log, and in `status`.
      return null;
    }
  }

  async onApplicationShutdown(): Promise<void> {
    clearInterval(this.heartbeat);
    this.outage.ignore();
    await Promise.all([...this.clients].map(([client, role]) => farewell(client, role)));
  }

  private sharedAs(name: string, role: ConnectionRole): RedisClient {
    const client = this.shared.get(name) ?? this.open(role);
    this.shared.set(name, client);
    return client;
  }

  private open(role: ConnectionRole): RedisClient {
    const client = connectRedis(this.target, role);
    this.clients.set(client, role);
    this.outage.watch(client);
    this.silence.watch(client);
    return client;
  }
}

/** `once` of Node would give up at the first error, and a connection may need a second attempt. */
async function becomesReady(client: RedisClient, signal: AbortSignal): Promise<void> {
  if (client.status === 'ready') return;
  const tries = new EventTarget();
  const listener = (): void => void tries.dispatchEvent(new Event('ready'));
  client.once('ready', listener);
  try {
    await once(tries, 'ready', { signal });
  } finally {
    client.off('ready', listener);
  }
}

/** Commands on their way are let through, for a moment. */
async function farewell(client: RedisClient, role: ConnectionRole): Promise<void> {
  if (role === 'command' && client.status === 'ready') {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<'late'>((resolve) => {
      timer = setTimeout(() => resolve('late'), FAREWELL_MS);
    });
    const answer = await Promise.race([client.quit().catch(() => 'refused'), late]);
    clearTimeout(timer);
    if (answer === 'OK') return;
  }
  client.disconnect();
}
