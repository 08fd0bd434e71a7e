import { describeTaskQueue } from '../../../libs/queue/src/task-queue.contract.js';
import { createRedisNamespace, waitFor } from '../../support/index.js';
import { openQueue } from './open-queue.js';

describeTaskQueue(
  'Bull',
  async () => openQueue((await createRedisNamespace()).url),
  (condition) => waitFor(condition, { timeoutMs: 10_000 }),
);
