import { expect, it } from '@jest/globals';
import { createRedisNamespace, waitFor } from '../../support/index.js';
import { bell, openQueue } from './open-queue.js';

/** Redis was emptied between the two commands with which Bull takes a job: the second one makes a hash of its own. */
it('a job of which only a remnant is left counts as missing, and can be rung for again', async () => {
  const { url } = await createRedisNamespace();
  const { queue, connections, close } = await openQueue(url);
  const redis = connections.share('command');
  await queue.ring([bell('probe')]);
  const [probe = ''] = await redis.keys('*:probe-1');
  await redis.hset(probe.replace(/probe-1$/, 'lost-1'), 'processedOn', '1');
  expect(await queue.missing([bell('lost'), bell('probe')])).toEqual([bell('lost')]);

  await queue.ring([bell('lost')]);
  const heard: string[] = [];
  await queue.answer(2, ({ taskId }) => {
    heard.push(taskId);
    return Promise.resolve();
  });
  await waitFor(() => heard.length === 2, { what: 'both bells', timeoutMs: 10_000 });
  expect(heard.sort()).toEqual(['lost', 'probe']);
  await close();
});
