import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { QueueLimit } from './queue-limit.js';
import type { TaskRepository } from './task.repository.js';

const FULL = { code: 'QUEUE_FULL' };

describe('the limit of waiting tasks', () => {
  const countQueued = jest.fn<TaskRepository['countQueued']>();
  let limit: QueueLimit;

  beforeEach(() => {
    jest.useFakeTimers();
    countQueued.mockReset().mockResolvedValue(0);
    const parts = [{ maxQueuedTasks: 10 }, { countQueued }];
    // Only what the limit reads of each.
    const made: unknown = Reflect.construct(QueueLimit, parts);
    if (!(made instanceof QueueLimit)) throw new Error('not a QueueLimit');
    limit = made;
  });
  afterEach(() => {
    jest.useRealTimers();
  });

  async function admitted(times: number): Promise<void> {
    for (let time = 0; time < times; time += 1) await limit.admit();
  }

  it('lets in as many as are missing, by one look at the database', async () => {
    countQueued.mockResolvedValue(7);
    await admitted(3);
    await expect(limit.admit()).rejects.toMatchObject(FULL);
    expect(countQueued).toHaveBeenCalledTimes(1);
  });

  it('counts requests of the same moment, too', async () => {
    const results = await Promise.allSettled(Array.from({ length: 12 }, () => limit.admit()));
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(2);
    expect(countQueued).toHaveBeenCalledTimes(1);
  });

  it('lets nobody wait for a count when there was plenty of room', async () => {
    await admitted(1);
    let answer: (count: number) => void = () => undefined;
    countQueued.mockReturnValue(new Promise((resolve) => (answer = resolve)));
    jest.advanceTimersByTime(1001);
    await admitted(2);
    answer(7);
    await jest.advanceTimersByTimeAsync(0);
    // Those that came while it was counted may not be in it.
    await admitted(1);
    await expect(limit.admit()).rejects.toMatchObject(FULL);
  });

  it('refuses nobody by an old answer', async () => {
    countQueued.mockResolvedValueOnce(10);
    await expect(limit.admit()).rejects.toMatchObject(FULL);
    jest.advanceTimersByTime(1001);
    await admitted(1);
  });

  it('asks less often the longer the answer takes', async () => {
    countQueued.mockImplementation(async () => {
      jest.advanceTimersByTime(500);
      return 0;
    });
    await admitted(1);
    jest.advanceTimersByTime(9000);
    await admitted(1);
    expect(countQueued).toHaveBeenCalledTimes(1);
    jest.advanceTimersByTime(600);
    await admitted(1);
    expect(countQueued).toHaveBeenCalledTimes(2);
  });

  it('goes by the last answer while the database gives none', async () => {
    countQueued.mockRejectedValueOnce(new Error('away'));
    await expect(limit.admit()).rejects.toThrow('away');
    countQueued.mockResolvedValueOnce(5);
    await admitted(1);
    countQueued.mockRejectedValue(new Error('away'));
    jest.advanceTimersByTime(1001);
    await admitted(4);
    await expect(limit.admit()).rejects.toMatchObject(FULL);
  });
});
