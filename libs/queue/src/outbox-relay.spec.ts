import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { InProcessTaskQueue } from './in-process-task-queue.js';
import type { OutboxEntity } from './outbox.entity.js';
import { OutboxRelay } from './outbox-relay.js';
import type { OutboxRepository } from './outbox.repository.js';

const row = (taskId: string): OutboxEntity => ({
  outbox_id: taskId,
  task_id: taskId,
  generation: 1,
  priority: 0,
  not_before: null,
  created_at: '2026-01-01T00:00:00.000Z',
});

describe('the relay, while the table cannot be read', () => {
  const oldest = jest.fn<OutboxRepository['oldest']>();
  const remove = jest.fn<OutboxRepository['remove']>();
  const heard: string[] = [];
  let queue: InProcessTaskQueue;
  let relay: OutboxRelay;

  const start = async (keepsRows: boolean): Promise<void> => {
    const outbox = { oldest, remove, keepsRows } as Partial<OutboxRepository> as OutboxRepository;
    relay = new OutboxRelay(outbox, queue);
    await queue.answer(10, ({ taskId }) => {
      heard.push(taskId);
      return Promise.resolve();
    });
    relay.onApplicationBootstrap();
    // In the same moment as the look, and in the second in which the relay rests after it.
    relay.wake([row('beside')]);
    await jest.advanceTimersByTimeAsync(100);
    relay.wake([row('during the rest')]);
  };

  beforeEach(() => {
    jest.useFakeTimers();
    heard.length = 0;
    remove.mockReset().mockResolvedValue(undefined);
    oldest.mockReset().mockRejectedValueOnce(new Error('the database is away')).mockResolvedValue([]);
    queue = new InProcessTaskQueue();
  });
  afterEach(async () => {
    await relay.onModuleDestroy();
    await queue.stop();
    jest.useRealTimers();
  });

  it('keeps the bells that have no rows, and rings them within a second', async () => {
    await start(false);
    await jest.advanceTimersByTimeAsync(1000);
    expect(heard.sort()).toEqual(['beside', 'during the rest']);
  });

  it('leaves those that have rows to the table, so that memory does not fill up', async () => {
    await start(true);
    oldest.mockResolvedValueOnce([row('beside'), row('during the rest')]);
    expect(heard).not.toContain('during the rest');
    await jest.advanceTimersByTimeAsync(1000);
    expect(heard).toContain('during the rest');
    expect(remove).toHaveBeenCalled();
  });
});
