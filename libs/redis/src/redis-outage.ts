import type { LoggerService } from '@nestjs/common';
import type { RedisClient } from './connect-redis.js';

/** Whether Redis can be reached, seen over all connections: one of them being away makes an outage. */
export class RedisOutage {
  private readonly away = new Set<RedisClient>();
  private readonly listeners = new Set<() => void>();
  private ignored = false;
  /** Why Redis is away, or null. */
  problem: string | null = null;

  constructor(private readonly logger: Pick<LoggerService, 'log' | 'warn'>) {}

  watch(client: RedisClient): void {
    let lastError = 'the connection was closed';
    // Without a listener an error of a connection would end the process.
    client.on('error', (error: Error) => (lastError = error.message));
    // Only what ioredis did not close on our behalf is followed by this.
    client.on('reconnecting', () => this.lost(client, lastError));
    client.on('ready', () => this.back(client));
    // Closed for good, or until somebody connects it again: no reason to call Redis away.
    client.on('end', () => this.back(client));
  }

  onEnd(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  /** From now on connections are closed on purpose. */
  ignore(): void {
    this.ignored = true;
  }

  private lost(client: RedisClient, message: string): void {
    this.away.add(client);
    if (this.ignored || this.problem !== null) return;
    this.problem = `Redis cannot be reached: ${message}`;
    this.logger.warn(this.problem);
  }

  private back(client: RedisClient): void {
    if (!this.away.delete(client) || this.away.size > 0 || this.ignored) return;
    this.problem = null;
    this.logger.log('Redis is there again');
    for (const listener of this.listeners) listener();
  }
}
