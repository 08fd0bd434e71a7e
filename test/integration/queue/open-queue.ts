import { NestFactory } from '@nestjs/core';
import { loadSettings } from '../../../config/index.js';
import { Database } from '../../../libs/database/src/index.js';
import {
  OutboxRepository,
  QueueModule,
  TASK_QUEUE,
  type Bell,
  type TaskQueue,
} from '../../../libs/queue/src/index.js';
import { RedisConnections } from '../../../libs/redis/src/index.js';
import { tempDataDir } from '../../support/index.js';

export interface OpenQueue {
  queue: TaskQueue;
  connections: RedisConnections;
  database: Database;
  outbox: OutboxRepository;
  close(): Promise<void>;
}

/** The queue as the service puts it together, over that Redis: one process of it, as far as bells go. */
export async function openQueue(redisUrl: string): Promise<OpenQueue> {
  const settings = loadSettings({ REDIS_URL: redisUrl, DATA_DIR: await tempDataDir() });
  const context = await NestFactory.createApplicationContext(QueueModule.for(settings), {
    logger: false,
    abortOnError: false,
  });
  const queue = context.get<TaskQueue>(TASK_QUEUE);
  return {
    queue,
    connections: context.get(RedisConnections, { strict: false }),
    database: context.get(Database, { strict: false }),
    outbox: context.get(OutboxRepository, { strict: false }),
    close: async () => {
      await queue.stop();
      await context.close();
    },
  };
}

export function bell(taskId: string, change: Partial<Bell> = {}): Bell {
  return { taskId, generation: 1, priority: 0, notBefore: null, ...change };
}
