import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { NewTaskEvent } from '@app/contracts';
import { SET_UPS } from '../../support/index.js';
import { TaskBench } from './task-bench.js';

const DONE = { status: 'COMPLETED', reason: null, result: 'done', error: null } as const;

const notes = (count: number, kind = 'note'): NewTaskEvent[] =>
  Array.from({ length: count }, (_, index) => ({ type: 'task.note', data: { kind: `${kind} ${index}` } }));

describe.each(SET_UPS)('tasks that move at the same moment, on $name', (setUp) => {
  let bench: TaskBench;

  beforeAll(async () => {
    bench = await TaskBench.open(setUp);
  });
  afterAll(() => bench.close());

  const claimed = async (count: number) => {
    const tasks = await Promise.all(Array.from({ length: count }, () => bench.submit()));
    return Promise.all(tasks.map(({ task_id }) => bench.claim(task_id)));
  };

  it('are claimed each by its own bell; of two workers that want the same, one gets it', async () => {
    const tasks = await Promise.all(Array.from({ length: 10 }, () => bench.submit()));
    const wishes = tasks.flatMap(({ task_id }) => [1, 1, 7].map((generation) => ({ task_id, generation })));
    const answers = await Promise.all(
      wishes.map(({ task_id, generation }) =>
        bench.lifecycle.claim({ taskId: task_id, generation }, 'test', 60),
      ),
    );
    const taken = answers.flatMap((answer) => answer?.task.task_id ?? []);
    expect(taken.sort()).toEqual(tasks.map(({ task_id }) => task_id).sort());
  });

  it('are claimed one of a session, the oldest', async () => {
    const first = await bench.submit();
    const second = await bench.submit({ session_id: first.session_id ?? '' });
    const claims = await Promise.all([bench.tryClaim(second.task_id), bench.tryClaim(first.task_id)]);
    expect(claims).toEqual([null, { taskId: first.task_id, fence: 1 }]);
  });

  it('keep their events apart, without a gap, and a lost claim among them is refused alone', async () => {
    const claims = await claimed(12);
    const lost = { ...claims[5], fence: 99 };
    const writers = claims.map((claim, index) => (index === 5 ? { ...claim, ...lost } : claim));
    const moved = await Promise.all(
      writers.map((claim, index) => bench.lifecycle.goOn(claim, { events: notes(index + 1, claim.taskId) })),
    );
    for (const [index, { taskId }] of claims.entries()) {
      const events = (await bench.log.read(taskId, 2, 1000)).map(({ seq, data }) => [seq, data]);
      const expected = notes(index + 1, taskId).map(({ data }, at) => [at + 3, data]);
      expect(events).toEqual(index === 5 ? [] : expected);
      expect(moved[index]?.events ?? []).toHaveLength(events.length);
      expect((await bench.tasks.get(taskId)).last_seq).toBe(2 + events.length);
    }
  });

  it('may be the same task twice: both writes are stored, in their order', async () => {
    const [claim] = await claimed(1);
    if (!claim) throw new Error('no claim');
    await Promise.all(['a', 'b'].map((kind) => bench.lifecycle.goOn(claim, { events: notes(2, kind) })));
    const told = (await bench.log.read(claim.taskId, 2, 10)).map(({ seq, data }) => [seq, data]);
    expect(told).toEqual(['a 0', 'a 1', 'b 0', 'b 1'].map((kind, index) => [index + 3, { kind }]));
  });

  it('are booked each with what it used, and their sessions know where to go on', async () => {
    const claims = await claimed(3);
    const used = {
      model: 'm',
      input_tokens: 3,
      output_tokens: 5,
      cache_read_tokens: 0,
      cache_write_tokens: 0,
    };
    for (const turn of [1, 2]) {
      await Promise.all(
        claims.map((claim, index) =>
          bench.lifecycle.goOn(claim, {
            events: notes(1),
            usage: { models: [{ ...used, cost_usd: index + 1, cost_basis: 'test' }], turns: 1 },
            conversation: { engine_session_id: `c-${turn}`, workspace: `/w/${index}`, machine_id: 'test' },
          }),
        ),
      );
    }
    for (const [index, { taskId }] of claims.entries()) {
      const task = await bench.tasks.get(taskId);
      const cost = (index + 1) * 2;
      expect(task).toMatchObject({ num_turns: 2, input_tokens: 6, output_tokens: 10, cost_usd: cost });
      expect(await bench.rows('metrics', 'task_id', taskId)).toMatchObject([{ model: 'm', cost_usd: cost }]);
      expect(await bench.rows('sessions', 'session_id', task.session_id)).toMatchObject([
        { total_cost_usd: cost, engine_session_id: 'c-2', workspace: `/w/${index}`, machine_id: 'test' },
      ]);
    }
  });

  it('end each in its own way, once, and ring for the next of their sessions', async () => {
    const claims = await claimed(4);
    const sessions = await Promise.all(
      claims.map(async ({ taskId }) => (await bench.tasks.get(taskId)).session_id),
    );
    const next = await Promise.all(sessions.map((id) => bench.submit({ session_id: id ?? '' })));
    const failed = { status: 'FAILED', reason: 'timeout', result: null, error: 'too long' } as const;
    const outcomes = claims.map((_, index) => (index % 2 === 0 ? DONE : failed));
    const ends = await Promise.all(
      [...claims, ...claims].map((claim, index) =>
        bench.lifecycle.finish(claim, outcomes[index % 4] ?? DONE),
      ),
    );
    expect(ends.map((end) => end?.task.status)).toEqual([
      'COMPLETED',
      'FAILED',
      'COMPLETED',
      'FAILED',
      ...Array.from({ length: 4 }, () => undefined),
    ]);
    expect(ends.slice(0, 4).map((end) => end?.bells.map(({ task_id }) => task_id))).toEqual(
      next.map(({ task_id }) => [task_id]),
    );
  });

  it('are stored when one of them holds what a database cannot store', async () => {
    const claims = await claimed(3);
    const odd = { ...DONE, result: 'a\0b\ud83dc' };
    const ends = await Promise.all(
      claims.map((claim, index) => bench.lifecycle.finish(claim, index === 1 ? odd : DONE)),
    );
    expect(ends.map((end) => end?.task.status)).toEqual(['COMPLETED', 'COMPLETED', 'COMPLETED']);
    expect((await bench.tasks.get(claims[1]?.taskId ?? '')).result).toBe('a\ufffdb\ufffdc');
  });
});
