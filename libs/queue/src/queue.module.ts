import { BullModule, getQueueToken } from '@nestjs/bull';
import { Module, type DynamicModule } from '@nestjs/common';
import Bull, { type Queue, type QueueOptions } from 'bull';
import { moduleFor, SettingsModule, type Settings } from '@app/config';
import { DatabaseModule } from '@app/database';
import { RedisConnections, RedisFitness, RedisModule } from '@app/redis';
import { BULL_SETTINGS, KEY_PREFIX, TASK_QUEUE_NAME, type BellJob } from './bull-jobs.js';
import { BullTaskQueue } from './bull-task-queue.js';
import { InProcessTaskQueue } from './in-process-task-queue.js';
import { OutboxEntity } from './outbox.entity.js';
import { OutboxRelay } from './outbox-relay.js';
import { OutboxRepository } from './outbox.repository.js';
import { TASK_QUEUE } from './task-queue.js';

/** The doorbell that fits the settings: Bull when REDIS_URL is set, memory otherwise. */
@Module({})
export class QueueModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(QueueModule, settings, () => {
      const backend = settings.redis ? bull(settings) : inProcess();
      return {
        imports: [
          SettingsModule.for(settings),
          DatabaseModule.for(settings),
          ...DatabaseModule.entities(OutboxEntity),
          ...(backend.imports ?? []),
        ],
        providers: [OutboxRepository, OutboxRelay, ...(backend.providers ?? [])],
        exports: [OutboxRepository, OutboxRelay, TASK_QUEUE],
      };
    });
  }
}

type Backend = Pick<DynamicModule, 'imports' | 'providers'>;

function inProcess(): Backend {
  return { providers: [{ provide: TASK_QUEUE, useClass: InProcessTaskQueue }] };
}

function bull(settings: Settings): Backend {
  const redis = RedisModule.for(settings);
  return {
    imports: [
      redis,
      BullModule.registerQueueAsync({
        name: TASK_QUEUE_NAME,
        imports: [redis],
        inject: [RedisConnections],
        useFactory: (connections: RedisConnections) => optionsFor('adding', connections),
      }),
    ],
    providers: [
      {
        provide: TASK_QUEUE,
        inject: [getQueueToken(TASK_QUEUE_NAME), RedisConnections, RedisFitness],
        useFactory: (ringing: Queue<BellJob>, connections: RedisConnections, fitness: RedisFitness) =>
          new BullTaskQueue({
            ringing,
            openAnswering: () => new Bull<BellJob>(TASK_QUEUE_NAME, optionsFor('working', connections)),
            onReconnect: (listener) => void connections.onReconnect(listener),
            assertFit: () => fitness.assertFit(),
          }),
      },
    ],
  };
}

function optionsFor(use: 'adding' | 'working', connections: RedisConnections): QueueOptions {
  return {
    prefix: KEY_PREFIX,
    settings: BULL_SETTINGS,
    createClient: (type) => connections.createBullClient(use, type),
  };
}
