import { once } from 'node:events';
import { Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import { AppError } from '@app/contracts';
import type { RedisConnections } from './redis-connections.js';
import { factsOf, type RedisFacts } from './redis-facts.js';

/** How long a start waits for Redis before it goes on without. */
const START_LIMIT_MS = 2000;

/**
 * Whether Redis is set up so that it can hold a queue. One that may evict keys would throw bells away when its memory
 * is full, silently: with it the service does not start, and is not ready if it meets it later. Without an append-only
 * file a restart of Redis loses all bells; they are rung again, so that is only told.
 */
export class RedisFitness implements OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(RedisFitness.name);
  private problem: string | null = null;
  private toldOfFile = false;
  private forget: () => void = () => undefined;

  constructor(private readonly connections: RedisConnections) {}

  async onModuleInit(): Promise<void> {
    this.forget = this.connections.onReconnect(() => void this.look());
    const client = this.connections.share('command');
    if (client.status !== 'ready') {
      // Redis may be started later than we are.
      await once(client, 'ready', { signal: AbortSignal.timeout(START_LIMIT_MS) }).catch(() => undefined);
    }
    await this.look();
    this.assertFit();
  }

  onModuleDestroy(): void {
    this.forget();
  }

  /** Throws what a person has to change at this Redis. */
  assertFit(): void {
    if (this.problem) throw new AppError('NOT_READY', this.problem);
  }

  private async look(): Promise<void> {
    const client = this.connections.share('command');
    if (client.status !== 'ready') return;
    try {
      this.judge(await factsOf(client));
    } catch (error) {
      // It went away again, or does not tell: then nothing is known against it.
      this.logger.debug({ err: error }, 'Redis did not tell how it is set up');
    }
  }

  private judge(facts: readonly RedisFacts[]): void {
    const policy = facts
      .map((fact) => fact.evictionPolicy)
      .find((name) => name !== null && name !== 'noeviction');
    const problem = policy
      ? `Redis may throw queued work away: its maxmemory-policy is ${policy}. Set it to noeviction, in redis.conf or ` +
        'with "redis-cli CONFIG SET maxmemory-policy noeviction", then start again.'
      : null;
    if (problem && problem !== this.problem) this.logger.error(problem);
    this.problem = problem;
    if (this.toldOfFile || facts.every((fact) => fact.appendsToFile)) return;
    this.toldOfFile = true;
    this.logger.warn(
      'Redis keeps no append-only file: after its restart queued tasks wait some seconds until they are rung for ' +
        'again. Set appendonly yes to avoid that.',
    );
  }
}
