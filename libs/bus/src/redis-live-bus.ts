import { randomUUID } from 'node:crypto';
import { Logger, type OnModuleInit } from '@nestjs/common';
import type { RedisConnections } from '@app/redis';
import { decodeMessage, encodeMessage, joinMessages } from './bus-wire.js';
import { InMemoryLiveBus } from './in-memory-live-bus.js';
import type { BusMessages, BusTopic, LiveBus } from './live-bus.js';

/** What may be on its way to Redis; beyond that messages are dropped, so that a Redis that stalls costs no memory. */
const MAX_UNANSWERED_BYTES = 4 * 1024 * 1024;

/**
 * The bus of several processes. Listeners of this process are served directly; the others hear through Redis, and
 * miss what is said while it is away: they read the event log anyway.
 */
export class RedisLiveBus implements LiveBus, OnModuleInit {
  private readonly logger = new Logger(RedisLiveBus.name);
  private readonly local = new InMemoryLiveBus();
  private readonly id = randomUUID();
  private readonly channel: string;
  private unansweredBytes = 0;
  private unsent: string[] = [];

  constructor(private readonly connections: RedisConnections) {
    this.channel = `claude-code-agent:${connections.database}:bus`;
  }

  onModuleInit(): void {
    const subscriber = this.connections.share('subscriber');
    subscriber.on('message', (channel: string, text: string) => {
      if (channel === this.channel) this.receive(text);
    });
    // Waits for Redis where it is away; ioredis subscribes again by itself after each loss.
    subscriber
      .subscribe(this.channel)
      .catch((error: unknown) => this.logger.debug({ err: error }, 'not subscribed'));
    // Connects now, so that the first message finds a connection.
    this.connections.share('command');
  }

  publish<T extends BusTopic>(topic: T, message: BusMessages[T]): void {
    this.local.publish(topic, message);
    const command = this.connections.share('command');
    if (command.status !== 'ready' || this.unansweredBytes > MAX_UNANSWERED_BYTES) return;
    const text = encodeMessage(this.id, topic, message);
    if (text === null) return;
    this.unansweredBytes += text.length;
    this.unsent.push(text);
    if (this.unsent.length === 1) setImmediate(() => this.send());
  }

  /** What one turn of the event loop had to say travels together: a commit moves many tasks. */
  private send(): void {
    const texts = this.unsent.splice(0);
    const pipeline = this.connections.share('command').pipeline();
    for (const joined of joinMessages(texts)) pipeline.publish(this.channel, joined);
    const answered = (): void => {
      for (const text of texts) this.unansweredBytes -= text.length;
    };
    // A lost message is repaired by the event log: there is nothing to do about a failure.
    pipeline.exec().then(answered, answered);
  }

  subscribe<T extends BusTopic>(topic: T, handler: (message: BusMessages[T]) => void): () => void {
    return this.local.subscribe(topic, handler);
  }

  private receive(text: string): void {
    const understood = decodeMessage(text, this.id, (topic, message) => this.local.publish(topic, message));
    if (!understood) this.logger.debug('a message on the channel of the bus was not understood');
  }
}
