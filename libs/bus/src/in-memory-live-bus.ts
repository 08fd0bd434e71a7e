import { Logger } from '@nestjs/common';
import type { BusMessages, BusTopic, LiveBus } from './live-bus.js';

type Handler = (message: never) => void;

/** The bus inside one process: handlers are called at once, in the order of their subscription. */
export class InMemoryLiveBus implements LiveBus {
  private readonly logger = new Logger(InMemoryLiveBus.name);
  private readonly handlers = new Map<BusTopic, Set<Handler>>();

  publish<T extends BusTopic>(topic: T, message: BusMessages[T]): void {
    for (const handler of [...(this.handlers.get(topic) ?? [])]) {
      try {
        // The set of a topic holds only handlers of that topic: `subscribe` is the one way in.
        (handler as (message: BusMessages[T]) => void)(message);
      } catch (error) {
        this.logger.error({ err: error, topic }, 'a listener of the bus failed');
      }
    }
  }

  subscribe<T extends BusTopic>(topic: T, handler: (message: BusMessages[T]) => void): () => void {
    const handlers = this.handlers.get(topic) ?? new Set<Handler>();
    this.handlers.set(topic, handlers);
    handlers.add(handler);
    return () => handlers.delete(handler);
  }
}
