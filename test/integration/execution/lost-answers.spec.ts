import { expect, jest } from '@jest/globals';
import { RunningTask } from '@app/execution';
import type { Release } from '@app/tasks';
import type { RunStep } from '../../../libs/tasks/src/run-step.js';
import { RunSteps } from '../../../libs/tasks/src/run-steps.js';
import { RunEnds } from '../../../libs/execution/src/run-ends.js';
import { RunPump } from '../../../libs/execution/src/run-pump.js';
import { waitFor } from '../../support/index.js';
import { onBothSetUps } from '../../support/on-both-set-ups.js';
import { TaskBench } from './task-bench.js';

const AT = '2026-01-01T00:00:00.000Z';
const DESCRIBED = { agent: 'brain', agent_source: 'built-in', agent_digest: 'none', max_attempts: 1 };
const STARTED = {
  attempt: 1,
  max_attempts: 1,
  machine_id: 'test',
  agent: 'brain',
  agent_source: 'built-in',
  resumed: false,
};

/** What a client gets whose connection breaks before the answer to its COMMIT. */
const lost = (): Error => Object.assign(new Error('the connection broke'), { code: 'ECONNRESET' });

/**
 * The first try of a step, of which the client hears nothing, and whose COMMIT arrives only when it is let: as when the
 * network pauses between the two.
 */
function lateCommit(bench: TaskBench) {
  let arrive = (): void => undefined;
  const arrives = new Promise<void>((resolve) => (arrive = resolve));
  let transaction: Promise<unknown> = Promise.resolve();
  const begin = async (step: RunStep): Promise<never> => {
    await new Promise<void>((resolve, reject) => {
      transaction = bench.database.write(async (manager) => {
        await bench.get(RunSteps).storeIn(manager, [step]);
        resolve();
        await arrives;
      });
      transaction.catch(reject);
    });
    throw lost();
  };
  return {
    begin,
    commit: async () => {
      arrive();
      await transaction;
    },
  };
}

const runningTask = async (bench: TaskBench): Promise<RunningTask> => {
  const { task_id } = await bench.submit();
  return new RunningTask(await bench.claim(task_id), new Promise(() => undefined));
};

const DONE = { status: 'COMPLETED', reason: null, result: 'done', error: null } as const;
const HANDED_BACK: Release = { status: 'QUEUED', reason: 'worker_shutdown', countsAttempt: false };

/** The first try of a move is stored. Its worker hears nothing of that, and nobody is told. */
async function loseAnswer(bench: TaskBench, move: Promise<unknown>): Promise<never> {
  const publish = jest.spyOn(bench.bus, 'publish').mockReturnValue(undefined);
  await move;
  publish.mockRestore();
  throw lost();
}

function loseFirstFinish(bench: TaskBench, then = (): void => undefined): void {
  const finish = bench.lifecycle.finish.bind(bench.lifecycle);
  jest
    .spyOn(bench.lifecycle, 'finish')
    .mockImplementationOnce((claim, outcome) => loseAnswer(bench, finish(claim, outcome)).finally(then));
}

function loseFirstRelease(bench: TaskBench): void {
  const release = bench.lifecycle.release.bind(bench.lifecycle);
  jest
    .spyOn(bench.lifecycle, 'release')
    .mockImplementationOnce((claim, how) => loseAnswer(bench, release(claim, how)));
}

async function listen(bench: TaskBench, work: (heard: string[]) => Promise<void>): Promise<void> {
  const heard: string[] = [];
  const end = bench.bus.subscribe('task.status', ({ task_id, status, head }) =>
    heard.push(`${task_id} ${status} ${head}`),
  );
  try {
    await work(heard);
  } finally {
    end();
  }
}

onBothSetUps<TaskBench>('a write whose answer is lost', {
  open: (setUp) => TaskBench.open(setUp),
  close: (bench) => bench.close(),
  cases: {
    'is stored once, also when its COMMIT arrives after the next try has begun': async (bench) => {
      const running = await runningTask(bench);
      const { taskId } = running.claim;
      const late = lateCommit(bench);
      const goOn = jest.spyOn(bench.lifecycle, 'goOn');
      goOn.mockImplementationOnce((claim, news) => late.begin({ kind: 'go on', claim, news, again: false }));
      const told = new RunPump(bench.lifecycle, bench.log).tell(running, {
        type: 'task.note',
        at: AT,
        data: { kind: 'once' },
      });
      await waitFor(() => goOn.mock.calls.length === 2, { what: 'the second try' });
      await late.commit();
      await told;
      expect(running.stopCause).toBeNull();
      expect(await bench.eventTypes(taskId)).toEqual(['task.created', 'task.queued', 'task.note']);
      expect((await bench.tasks.get(taskId)).last_seq).toBe(3);
    },

    'books once what it used, and is told to watchers although its first try was not': async (bench) => {
      const { claim } = await runningTask(bench);
      const heard: number[] = [];
      const end = bench.bus.subscribe('task.events', ({ task_id, head }) => {
        if (task_id === claim.taskId) heard.push(head);
      });
      const used = { input_tokens: 3, output_tokens: 5, cache_read_tokens: 0, cache_write_tokens: 0 };
      const news = (kind: string) => ({
        events: [{ type: 'task.note', at: AT, data: { kind } } as const],
        usage: { models: [{ ...used, model: 'm', cost_usd: 1, cost_basis: 'test' }], turns: 1 },
      });
      const late = lateCommit(bench);
      await expect(late.begin({ kind: 'go on', claim, news: news('a'), again: false })).rejects.toThrow();
      await late.commit();
      // Said meanwhile by a person.
      await bench.tasks.giveInput(claim.taskId, 'Hello.', { key_id: 'somebody' });
      const stored = await bench.lifecycle.goOn(claim, news('a'), true);
      expect(stored?.events).toMatchObject([{ seq: 3, type: 'task.note', data: { kind: 'a' } }]);
      // What was not stored before is.
      expect((await bench.lifecycle.goOn(claim, news('b'), true))?.events).toMatchObject([{ seq: 5 }]);
      expect(await bench.tasks.get(claim.taskId)).toMatchObject({ cost_usd: 2, num_turns: 2, last_seq: 5 });
      await waitFor(() => heard.length === 3, { what: 'the events to be told' });
      expect(heard).toEqual([4, 3, 5]);
      end();
      expect(await bench.lifecycle.goOn({ ...claim, fence: claim.fence + 1 }, news('b'), true)).toBeNull();
    },

    'is told when it was the end of the run': async (bench) => {
      const running = await runningTask(bench);
      const { taskId } = running.claim;
      loseFirstFinish(bench);
      await listen(bench, async (heard) => {
        const moved = await new RunEnds(bench.lifecycle).store(running, DONE, undefined);
        expect(moved).toMatchObject({ task: { status: 'COMPLETED' }, events: [{ type: 'task.completed' }] });
        await waitFor(() => heard.includes(`${taskId} COMPLETED 3`), { what: 'the end to be told' });
      });
      expect(await bench.eventTypes(taskId)).toEqual(['task.created', 'task.queued', 'task.completed']);
    },

    'is told when it handed the task back, unless another worker has it by then': async (bench) => {
      const running = await runningTask(bench);
      const { taskId } = running.claim;
      loseFirstRelease(bench);
      await listen(bench, async (heard) => {
        const moved = await new RunEnds(bench.lifecycle).store(running, HANDED_BACK, undefined);
        expect(moved).toMatchObject({ task: { status: 'QUEUED' }, events: [{ type: 'task.queued' }] });
        await waitFor(() => heard.includes(`${taskId} QUEUED 3`), { what: 'the hand-back to be told' });
      });
      await bench.claim(taskId);
      expect(await bench.lifecycle.tellStored(running.claim, HANDED_BACK)).toBeNull();
    },

    'is told when the lease is over before that is known': async (bench) => {
      const running = await runningTask(bench);
      const { taskId } = running.claim;
      loseFirstFinish(bench, () => running.stop('lease_lost'));
      const ends = new RunEnds(bench.lifecycle);
      await listen(bench, async (heard) => {
        expect(await ends.store(running, DONE, undefined)).toBeNull();
        await waitFor(() => heard.includes(`${taskId} COMPLETED 3`), { what: 'the end to be told' });
      });
      await ends.onModuleDestroy();
    },

    'begins a run once': async (bench) => {
      const running = await runningTask(bench);
      const { taskId } = running.claim;
      const late = lateCommit(bench);
      const start = jest.spyOn(bench.lifecycle, 'start');
      start.mockImplementationOnce((claim, description, event) =>
        late.begin({ kind: 'begin', claim, description, event, again: false }),
      );
      const begun = new RunPump(bench.lifecycle, bench.log).begin(running, DESCRIBED, STARTED);
      await waitFor(() => start.mock.calls.length === 2, { what: 'the second try' });
      await late.commit();
      await begun;
      expect(running.stopCause).toBeNull();
      expect(await bench.eventTypes(taskId)).toEqual(['task.created', 'task.queued', 'task.started']);
    },
  },
});
