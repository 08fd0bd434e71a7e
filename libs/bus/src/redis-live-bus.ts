import { randomUUID } from 'node:crypto';
import { Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common';
import type { RedisConnections } from '@app/redis';
import { InMemoryLiveBus } from './in-memory-live-bus.js';
import type { BusMessages, BusTopic, LiveBus } from './live-bus.js';

const CHANNEL = 'claude-code-agent:bus';
const MAX_MESSAGE_BYTES = 256 * 1024;

interface Envelope {
  from: string;
  topic: BusTopic;
  message: BusMessages[BusTopic];
}

/**
 * The bus of several processes. Listeners of this process are served directly; the others hear through Redis, and
 * miss what is said while it is away: they read the event log anyway.
 */
export class RedisLiveBus implements LiveBus, OnModuleInit, OnModuleDestroy {
  private readonly logger = new Logger(RedisLiveBus.name);
  private readonly local = new InMemoryLiveBus();
  private readonly id = randomUUID();
  private closed = false;

  constructor(private readonly connections: RedisConnections) {}

  onModuleInit(): void {
    const subscriber = this.connections.share('subscriber');
    subscriber.on('message', (_channel: string, text: string) => this.receive(text));
    // ioredis subscribes again by itself after a lost connection.
    subscriber.subscribe(CHANNEL).catch((error: unknown) => this.logger.warn({ err: error }, 'not subscribed yet'));
  }

  onModuleDestroy(): void {
    this.closed = true;
  }

  publish<T extends BusTopic>(topic: T, message: BusMessages[T]): void {
    this.local.publish(topic, message);
    if (this.closed) return;
    let text = JSON.stringify({ from: this.id, topic, message });
    if (text.length > MAX_MESSAGE_BYTES) text = JSON.stringify({ from: this.id, topic, message: { ...message, events: undefined } });
    // A lost message is repaired by the event log: nothing to do about a failure here.
    this.connections
      .share('command')
      .publish(CHANNEL, text)
      .catch(() => undefined);
  }

  subscribe<T extends BusTopic>(topic: T, handler: (message: BusMessages[T]) => void): () => void {
    return this.local.subscribe(topic, handler);
  }

  private receive(text: string): void {
    try {
      const { from, topic, message } = JSON.parse(text) as Envelope;
      if (from !== this.id) this.local.publish(topic, message);
    } catch (error) {
      this.logger.warn({ err: error }, 'a message of the bus could not be read');
    }
  }
}
