import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startRedis, waitFor, type PrivateServer } from '../../support/index.js';
import { bell, openQueue, type OpenQueue } from './open-queue.js';

jest.setTimeout(60_000);

describe('the outbox', () => {
  let redis: PrivateServer;
  let open: OpenQueue;
  const heard: string[] = [];

  beforeAll(async () => {
    redis = await startRedis({ appendOnly: true });
    open = await openQueue(redis.url);
    await open.queue.answer(2, async ({ taskId }) => void heard.push(taskId));
  });
  afterAll(async () => {
    await open.close();
    await redis.stop();
  });

  /** As by a transaction whose COMMIT was never confirmed, or by a process that ended right behind it. */
  const commitUnheard = (taskId: string) =>
    open.database.insert(open.outbox.insertOf(open.outbox.rowsOf([bell(taskId)])));
  const isEmpty = async (): Promise<boolean> => (await open.outbox.oldest(1)).length === 0;

  it('rings also for what was committed without anybody saying so, and keeps nothing', async () => {
    await commitUnheard('unheard');
    await waitFor(() => heard.includes('unheard'), { timeoutMs: 15_000 });
    await waitFor(isEmpty);
  });

  it('keeps its bells while Redis is away, and rings soon after it is back', async () => {
    redis.signal('SIGKILL');
    await waitFor(() => !open.connections.status().ok);
    await commitUnheard('away');
    await waitFor(() =>
      open.queue.ring([bell('probe')]).then(
        () => false,
        () => true,
      ),
    );
    expect(await isEmpty()).toBe(false);
    await redis.restart();
    await waitFor(() => heard.includes('away'), { timeoutMs: 15_000 });
    await waitFor(isEmpty);
  });
});
