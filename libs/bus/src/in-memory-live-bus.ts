import { Logger } from '@nestjs/common';
import type { BusMessages, BusTopic, LiveBus } from './live-bus.js';

type Handlers = { [T in BusTopic]: Set<(message: BusMessages[T]) => void> };

/** The bus inside one process: handlers are called at once, in the order of their subscription. */
export class InMemoryLiveBus implements LiveBus {
  private readonly logger = new Logger(InMemoryLiveBus.name);
  private readonly handlers: Handlers = {
    'task.events': new Set(),
    'task.status': new Set(),
    'task.cancel_requested': new Set(),
    'task.input_given': new Set(),
    'key.revoked': new Set(),
  };

  publish<T extends BusTopic>(topic: T, message: BusMessages[T]): void {
    const handlers: Handlers[T] = this.handlers[topic];
    // A copy: a handler may end its own subscription or begin another.
    for (const handler of [...handlers]) {
      try {
        handler(message);
      } catch (error) {
        this.logger.error({ err: error, topic }, 'a listener of the bus failed');
      }
    }
  }

  subscribe<T extends BusTopic>(topic: T, handler: (message: BusMessages[T]) => void): () => void {
    const handlers: Handlers[T] = this.handlers[topic];
    // Of its own, so that one function subscribed twice is two subscriptions.
    const own = (message: BusMessages[T]): void => handler(message);
    handlers.add(own);
    return () => handlers.delete(own);
  }
}
