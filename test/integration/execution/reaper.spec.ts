import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { RunningTask, RunningTasks } from '@app/execution';
import { SET_UPS } from '../../support/index.js';
import { TaskBench } from './task-bench.js';

describe.each(SET_UPS)('the reaper, on $name', (setUp) => {
  let bench: TaskBench;

  beforeAll(async () => {
    bench = await TaskBench.open(setUp);
  });
  afterAll(() => bench.close());

  const lose = async (wish: { max_attempts?: number }): Promise<string> => {
    const { task_id } = await bench.submit(wish);
    await bench.begin(task_id);
    await bench.expire(task_id);
    return task_id;
  };

  it('leaves a task alone whose lease has not run out by the clock of the database, whatever the own clock says', async () => {
    const { task_id } = await bench.submit({ max_attempts: 2 });
    await bench.claim(task_id);
    jest.useFakeTimers({
      now: Date.now() + 3_600_000,
      doNotFake: ['setImmediate', 'nextTick', 'setTimeout'],
    });
    try {
      await bench.newReaper().reap();
    } finally {
      jest.useRealTimers();
    }
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'RUNNING' });
  });

  it('gives a task another attempt while there is one, and then fails it as a crash loop', async () => {
    const task_id = await lose({ max_attempts: 2 });
    await bench.newReaper().reap();
    expect(await bench.tasks.get(task_id)).toMatchObject({
      status: 'QUEUED',
      status_reason: 'worker_lost',
      generation: 2,
    });
    await bench.begin(task_id);
    await bench.expire(task_id);
    await bench.newReaper().reap();
    expect(await bench.tasks.get(task_id)).toMatchObject({
      status: 'FAILED',
      status_reason: 'crash_loop',
      attempt: 2,
    });
    const end = (await bench.log.read(task_id, 0, 100)).at(-1);
    expect(end).toMatchObject({
      type: 'task.failed',
      data: { reason: 'crash_loop', retryable: false, title: expect.any(String), remedy: expect.any(String) },
    });
  });

  it('fails a task that has one attempt alone', async () => {
    const task_id = await lose({ max_attempts: 1 });
    await bench.newReaper().reap();
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'FAILED', status_reason: 'worker_lost' });
  });

  it('counts no attempt that was lost before its run began, as when the answer to its claim is lost', async () => {
    const { task_id } = await bench.submit({ max_attempts: 1 });
    await bench.claim(task_id);
    await bench.expire(task_id);
    await bench.newReaper().reap();
    expect(await bench.tasks.get(task_id)).toMatchObject({
      status: 'QUEUED',
      status_reason: 'worker_lost',
      attempt: 0,
    });
    await bench.begin(task_id);
    // Said by a person, and not by the run.
    await bench.tasks.giveInput(task_id, 'Hello.', { key_id: 'somebody' });
    await bench.expire(task_id);
    await bench.newReaper().reap();
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'FAILED', status_reason: 'worker_lost' });
  });

  it('fails a task that takes its workers away before its run begins, again and again', async () => {
    const { task_id } = await bench.submit({ max_attempts: 1 });
    const lives: string[] = [];
    for (let status = 'QUEUED'; status === 'QUEUED' && lives.length < 10; lives.push(status)) {
      await bench.claim(task_id);
      await bench.tasks.giveInput(task_id, 'Are you there?', { key_id: 'somebody' });
      await bench.expire(task_id);
      await bench.newReaper().reap();
      ({ status } = await bench.tasks.get(task_id));
    }
    expect(lives).toEqual(['QUEUED', 'QUEUED', 'QUEUED', 'FAILED']);
    expect(await bench.tasks.get(task_id)).toMatchObject({ status_reason: 'crash_loop' });
  });

  it('does not count a run that was lost among them', async () => {
    const { task_id } = await bench.submit({ max_attempts: 5 });
    await bench.begin(task_id);
    await bench.expire(task_id);
    await bench.newReaper().reap();
    for (let times = 0; times < 3; times += 1) {
      await bench.claim(task_id);
      await bench.expire(task_id);
      await bench.newReaper().reap();
    }
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'QUEUED', attempt: 1 });
  });

  it('fails a task that a full storage took from this process, and says so', async () => {
    const task_id = await lose({ max_attempts: 2 });
    const claim = { taskId: task_id, fence: (await bench.tasks.get(task_id)).fence };
    const running = new RunningTasks();
    const task = new RunningTask(claim, Promise.resolve());
    running.add(task);
    task.noteStorage('full');
    task.stop('lease_lost');
    running.remove(task);
    await bench.newReaper(bench.lifecycle, running).reap();
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'FAILED', status_reason: 'storage_full' });
  });

  it('leaves a task to the heartbeats of this process after a jump of the clock, for as long as they may renew it', async () => {
    const task_id = await lose({ max_attempts: 2 });
    const { fence } = await bench.tasks.get(task_id);
    const running = new RunningTasks();
    let nowMs = 0;
    const task = new RunningTask({ taskId: task_id, fence }, Promise.resolve(), () => nowMs);
    task.holdUntil(10_000);
    running.add(task);
    const reaper = bench.newReaper(bench.lifecycle, running);
    await reaper.reap();
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'RUNNING', fence });
    nowMs = 10_000;
    await reaper.reap();
    expect(task.stopCause).toBe('lease_lost');
    expect(await bench.tasks.get(task_id)).toMatchObject({
      status: 'QUEUED',
      status_reason: 'worker_lost',
    });
  });

  it('takes a task that this process held under an earlier claim', async () => {
    const task_id = await lose({ max_attempts: 2 });
    const { fence } = await bench.tasks.get(task_id);
    const running = new RunningTasks();
    running.add(new RunningTask({ taskId: task_id, fence: fence - 1 }, Promise.resolve()));
    await bench.newReaper(bench.lifecycle, running).reap();
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'QUEUED' });
  });

  it('believes no lease on SQLite that lies further ahead than one can, for the clock was set back', async () => {
    const { task_id } = await bench.submit({ max_attempts: 2 });
    await bench.claim(task_id);
    const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
    await bench.change(task_id, `lease_until = '${inAnHour}'`);
    await bench.newReaper().reap();
    const isSqlite = setUp.name.includes('SQLite');
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: isSqlite ? 'QUEUED' : 'RUNNING' });
  });

  it('cancels a task whose worker was lost after that was asked for', async () => {
    const task_id = await lose({ max_attempts: 2 });
    await bench.tasks.requestCancel(task_id);
    await bench.newReaper().reap();
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'CANCELLED' });
  });

  it('has one effect when three work at once', async () => {
    const lost = await Promise.all(Array.from({ length: 10 }, () => lose({ max_attempts: 2 })));
    await Promise.all([bench.newReaper().reap(), bench.newReaper().reap(), bench.newReaper().reap()]);
    for (const task_id of lost) {
      expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'QUEUED', generation: 2, attempt: 1 });
      expect(await bench.eventTypes(task_id)).toEqual([
        'task.created',
        'task.queued',
        'task.started',
        'task.queued',
      ]);
    }
  });

  it('goes on with the others when one task cannot be moved', async () => {
    const bad = await lose({ max_attempts: 2 });
    const good = await lose({ max_attempts: 2 });
    const lifecycle = bench.lifecycle;
    const original = lifecycle.release.bind(lifecycle);
    jest
      .spyOn(lifecycle, 'release')
      .mockImplementation((claim, how) =>
        claim.taskId === bad ? Promise.reject(new Error('on purpose')) : original(claim, how),
      );
    try {
      await bench.newReaper(lifecycle).reap();
    } finally {
      jest.restoreAllMocks();
    }
    expect(await bench.tasks.get(good)).toMatchObject({ status: 'QUEUED', generation: 2 });
    expect(await bench.tasks.get(bad)).toMatchObject({ status: 'RUNNING' });
    await bench.newReaper().reap();
    expect(await bench.tasks.get(bad)).toMatchObject({ status: 'QUEUED' });
  });
});
