import { describe, expect, it, jest } from '@jest/globals';
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

describe('TaskQueue in the process: a bell for later', () => {
  it('rings within ten seconds after a host has slept beyond its instant', async () => {
    jest.useFakeTimers();
    const queue = new InProcessTaskQueue();
    try {
      const answered = jest.fn<() => Promise<void>>().mockResolvedValue(undefined);
      await queue.answer(1, answered);
      const notBefore = new Date(Date.now() + 4 * 3_600_000).toISOString();
      await queue.ring([{ taskId: 'parked', generation: 1, priority: 0, notBefore }]);
      await jest.advanceTimersByTimeAsync(3_600_000);
      expect(answered).not.toHaveBeenCalled();
      // Timers stand still while a host sleeps, the time of day does not.
      jest.setSystemTime(Date.now() + 5 * 3_600_000);
      await jest.advanceTimersByTimeAsync(10_000);
      expect(answered).toHaveBeenCalledTimes(1);
    } finally {
      await queue.stop();
      jest.useRealTimers();
    }
  });
});
