import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { InProcessTaskQueue, type Bell, type TaskQueue } from '@app/queue';
import { FRONT_OF_QUEUE, type BellInLine, type TaskRunsRepository } from '@app/tasks';
import { Reconciler } from './reconciler.js';

const bell = (number: number): Bell => ({
  taskId: `t${String(number).padStart(6, '0')}`,
  generation: 1,
  priority: 0,
  notBefore: null,
});

const inLine = (bell: Bell, isOverdue = false): BellInLine => ({ ...bell, isOverdue });

describe('the reconciler', () => {
  const all = Array.from({ length: 3200 }, (_, index) => bell(index));
  const firstInLine = jest.fn<TaskRunsRepository['firstInLine']>();
  const queuedAfter = jest.fn<TaskRunsRepository['queuedAfter']>();
  let queue: InProcessTaskQueue;
  let reconnect: () => void;
  let reconciler: Reconciler;

  beforeEach(() => {
    jest.useFakeTimers();
    firstInLine
      .mockReset()
      .mockImplementation((limit) => Promise.resolve(all.slice(0, limit).map((one) => inLine(one))));
    queuedAfter.mockReset().mockImplementation((after, limit) => {
      const bells = all.filter(({ taskId }) => taskId > after.taskId).slice(0, limit);
      const last = bells.at(-1);
      return Promise.resolve({ bells, next: last ? { createdAt: '', taskId: last.taskId } : null });
    });
    queue = new InProcessTaskQueue();
    const onReconnect: TaskQueue['onReconnect'] = (listener) => (reconnect = listener);
    reconciler = new Reconciler(
      { firstInLine, queuedAfter } as Partial<TaskRunsRepository> as TaskRunsRepository,
      Object.assign(queue, { onReconnect }),
    );
    reconciler.onApplicationBootstrap();
  });
  afterEach(async () => {
    await reconciler.onModuleDestroy();
    jest.useRealTimers();
  });

  it('rings for the first in line at once, and for the rest page by page', async () => {
    await jest.advanceTimersByTimeAsync(1);
    expect(await queue.depth()).toBe(1000);
    await jest.advanceTimersByTimeAsync(1000);
    expect(await queue.depth()).toBeLessThan(all.length);
    await jest.advanceTimersByTimeAsync(2000);
    expect(await queue.depth()).toBe(all.length);
  });

  it('looks at the first in line alone when the walk is done', async () => {
    await jest.advanceTimersByTimeAsync(10_000);
    queuedAfter.mockClear();
    firstInLine.mockClear();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(queuedAfter).not.toHaveBeenCalled();
    expect(firstInLine.mock.calls.length).toBeGreaterThan(0);
  });

  it('misses a lost bell for five seconds, not for two rests, however long its round takes', async () => {
    await jest.advanceTimersByTimeAsync(10_000);
    firstInLine.mockClear();
    queuedAfter.mockClear();
    const read = (): Promise<BellInLine[]> => new Promise((resolve) => setTimeout(() => resolve([]), 1000));
    firstInLine.mockImplementation(read);
    await jest.advanceTimersByTimeAsync(30_000);
    expect(firstInLine.mock.calls.length).toBe(6);
    expect(queuedAfter).not.toHaveBeenCalled();
    // The read that goes on ends too.
    await jest.advanceTimersByTimeAsync(1000);
  });

  it('begins again at once when the queue is back', async () => {
    await jest.advanceTimersByTimeAsync(10_000);
    const missing = jest.spyOn(queue, 'missing');
    reconnect();
    await jest.advanceTimersByTimeAsync(1);
    expect(missing).toHaveBeenCalled();
    expect(queuedAfter).toHaveBeenLastCalledWith(FRONT_OF_QUEUE, expect.any(Number));
  });

  it('rings at once for what is due by the clock of the database, though this machine is behind', async () => {
    const soon = { ...bell(9001), notBefore: new Date(Date.now() + 3_600_000).toISOString() };
    const due = { ...bell(9002), notBefore: soon.notBefore };
    firstInLine.mockResolvedValue([inLine(soon), inLine(due, true)]);
    await jest.advanceTimersByTimeAsync(10_000);
    const heard: string[] = [];
    await queue.answer(5000, ({ taskId }) => {
      heard.push(taskId);
      return Promise.resolve();
    });
    expect(heard).toContain(due.taskId);
    expect(heard).not.toContain(soon.taskId);
  });

  it('goes on after a round that failed', async () => {
    await jest.advanceTimersByTimeAsync(10_000);
    firstInLine.mockRejectedValueOnce(new Error('no database'));
    await jest.advanceTimersByTimeAsync(5000);
    firstInLine.mockClear();
    await jest.advanceTimersByTimeAsync(10_000);
    expect(firstInLine.mock.calls.length).toBeGreaterThan(0);
  });
});
