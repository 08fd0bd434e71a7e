import Bull from 'bull';
import { BullTaskQueue, type BellJob } from '../../../libs/queue/src/bull-task-queue.js';
import { describeTaskQueue } from '../../../libs/queue/src/task-queue.contract.js';
import { createRedisNamespace, waitFor } from '../../support/index.js';

describeTaskQueue(
  'Bull',
  async () => {
    const { url } = await createRedisNamespace();
    const bull = new Bull<BellJob>('task_queue', url, { prefix: '{test}' });
    await bull.isReady();
    const queue = new BullTaskQueue(bull, () => undefined);
    return { queue, close: () => bull.close() };
  },
  (condition) => waitFor(condition, { timeoutMs: 10_000 }),
);
