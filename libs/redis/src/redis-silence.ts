import { Cluster } from 'ioredis';
import type { RedisClient } from './connect-redis.js';

/** Bull's longest blocking read holds the answer back for five seconds. */
const SILENCE_MS = 10_000;

/**
 * Ends connections whose other side vanished without a word (a lost network, a stopped machine), so that they are
 * made anew. Without a question now and then, one that only listens would never notice. ioredis's own
 * `socketTimeout` forgets to stop its timer at a reconnect, and then cuts a healthy connection.
 */
export class RedisSilence {
  private readonly askedAtMs = new Map<RedisClient, number>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  watch(client: RedisClient): void {
    client.on('close', () => this.askedAtMs.delete(client));
  }

  /** Called every few seconds. */
  check(client: RedisClient): void {
    if (client instanceof Cluster) {
      for (const node of client.nodes()) this.checkOne(node);
    } else this.checkOne(client);
  }

  private checkOne(client: RedisClient): void {
    if (client.status !== 'ready') {
      this.askedAtMs.delete(client);
      return;
    }
    const askedAtMs = this.askedAtMs.get(client);
    if (askedAtMs === undefined) {
      this.askedAtMs.set(client, this.nowMs());
      // A refusal for lack of time is no answer.
      client.ping().then(
        () => this.askedAtMs.delete(client),
        () => undefined,
      );
    } else if (this.nowMs() - askedAtMs >= SILENCE_MS) {
      this.askedAtMs.delete(client);
      client.disconnect(true);
    }
  }
}
