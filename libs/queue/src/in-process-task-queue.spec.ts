import { waitFor } from '../../../test/support/wait-for.js';
import { InProcessTaskQueue } from './in-process-task-queue.js';
import { describeTaskQueue } from './task-queue.contract.js';

describeTaskQueue(
  'in the process',
  () => {
    const queue = new InProcessTaskQueue();
    return Promise.resolve({ queue, close: () => queue.stop() });
  },
  (condition) => waitFor(condition),
);
