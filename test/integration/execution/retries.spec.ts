import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SET_UPS } from '../../support/index.js';
import { TaskBench } from './task-bench.js';

const DONE = { status: 'COMPLETED', reason: null, result: 'done', error: null } as const;
const CALLER = { key_id: 'test' };

describe.each(SET_UPS)('a task that is retried, on $name', (setUp) => {
  let bench: TaskBench;

  beforeAll(async () => {
    bench = await TaskBench.open(setUp);
  });
  afterAll(() => bench.close());

  /** One that has run, with two attempts in the end. */
  const ended = async (wish: { max_attempts?: number }): Promise<string> => {
    const { task_id } = await bench.submit(wish);
    const claim = await bench.claim(task_id);
    const decided = { agent: 'brain', agent_source: 'app', agent_digest: 'x', max_attempts: 2 };
    await bench.lifecycle.start(claim, decided, { type: 'task.note', data: { kind: 'started' } });
    await bench.lifecycle.finish(claim, DONE);
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'COMPLETED', max_attempts: 2 });
    return task_id;
  };

  it('has the attempts its submitter asked for', async () => {
    const again = await bench.tasks.retry(await ended({ max_attempts: 2 }), CALLER);
    expect(again).toMatchObject({ max_attempts: 2 });
  });

  it('asks its agent anew when nobody asked for a number', async () => {
    const again = await bench.tasks.retry(await ended({}), CALLER);
    expect(again).toMatchObject({ max_attempts: 0 });
  });
});
