import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FRONT_OF_QUEUE, type Claim, type QueuePlace, type Release } from '@app/tasks';
import { SET_UPS } from '../../support/index.js';
import { TaskBench } from './task-bench.js';

const HANDED_BACK: Release = { status: 'QUEUED', reason: 'worker_shutdown', countsAttempt: false };
const LOST: Release = { status: 'QUEUED', reason: 'worker_lost', countsAttempt: true };
const PARKED: Release = {
  status: 'WAITING',
  reason: 'waiting_quota',
  countsAttempt: false,
  notBefore: '2999-01-01T00:00:00.000Z',
};
const DONE = { status: 'COMPLETED', reason: null, result: 'done', error: null } as const;

describe.each(SET_UPS)('a running task that is let go, on $name', (setUp) => {
  let bench: TaskBench;

  beforeAll(async () => {
    bench = await TaskBench.open(setUp);
  });
  afterAll(() => bench.close());

  it('keeps its attempt when it was handed back, and loses it with its worker', async () => {
    const { task_id } = await bench.submit();
    await bench.lifecycle.release(await bench.claim(task_id), HANDED_BACK);
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'QUEUED', attempt: 0, lease_owner: null });
    await bench.lifecycle.release(await bench.claim(task_id), LOST);
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'QUEUED', attempt: 1 });
    const { generation } = await bench.tasks.get(task_id);
    const again = await bench.lifecycle.claim({ taskId: task_id, generation }, 'test', 60);
    expect(again).toMatchObject({ releasedFor: 'worker_lost', task: { attempt: 2, status_reason: null } });
  });

  it('takes no word from its old worker any more', async () => {
    const { task_id } = await bench.submit();
    const old = await bench.claim(task_id);
    await bench.lifecycle.release(old, HANDED_BACK);
    const note = { type: 'task.note', data: { kind: 'zombie' } } as const;
    const refused = async (): Promise<void> => {
      expect(await bench.log.append(task_id, [note], old)).toBeNull();
      expect(await bench.lifecycle.finish(old, DONE)).toBeNull();
      expect(await bench.lifecycle.release(old, LOST)).toBeNull();
      expect(await bench.runs.heartbeat(old, 60)).toBeNull();
    };
    await refused();
    const present = await bench.claim(task_id);
    expect(present.fence).toBeGreaterThan(old.fence);
    await refused();
    expect(await bench.lifecycle.finish(present, DONE)).not.toBeNull();
    await refused();
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'COMPLETED', result: 'done' });
    expect(await bench.eventTypes(task_id)).toEqual([
      'task.created',
      'task.queued',
      'task.queued',
      'task.completed',
    ]);
  });

  it('does not end while its worker has not seen all of its log, unless that was asked for', async () => {
    const { task_id } = await bench.submit();
    const claim = await bench.claim(task_id);
    const { last_seq } = await bench.tasks.get(task_id);
    await bench.tasks.giveInput(task_id, 'One more thing.', { key_id: 'test' });
    expect(await bench.lifecycle.finish(claim, DONE, last_seq)).toBeNull();
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'RUNNING', last_seq: last_seq + 1 });
    expect(await bench.runs.heartbeat(claim, 60)).toEqual({ cancelRequested: false, lastSeq: last_seq + 1 });
    await bench.tasks.requestCancel(task_id);
    expect(await bench.lifecycle.finish(claim, DONE, last_seq)).toMatchObject({
      task: { status: 'CANCELLED' },
    });
  });

  it.each([
    ['it ends by itself', DONE],
    ['it fails', { status: 'FAILED', reason: 'engine_failed', result: 'done', error: 'on purpose' }],
  ] as const)('is cancelled when that was accepted before %s, and keeps what it found', async (_how, end) => {
    const { task_id } = await bench.submit();
    const claim = await bench.claim(task_id);
    await bench.tasks.requestCancel(task_id);
    expect(await bench.lifecycle.finish(claim, end)).not.toBeNull();
    const cancelled = {
      status: 'CANCELLED',
      status_reason: 'cancelled_by_user',
      result: 'done',
      error: null,
    };
    expect(await bench.tasks.get(task_id)).toMatchObject(cancelled);
    const told = (await bench.log.read(task_id, 0, 100)).at(-1);
    expect(told).toMatchObject({
      type: 'task.cancelled',
      data: { status: 'CANCELLED', reason: 'cancelled_by_user', result: 'done' },
    });
    await expect(bench.tasks.requestCancel(task_id)).rejects.toMatchObject({ code: 'ALREADY_TERMINAL' });
  });

  it('is not claimed before the time it was put off to, and counts the deferral', async () => {
    const { task_id } = await bench.submit();
    const deferral: Release = {
      status: 'QUEUED',
      reason: 'overloaded',
      countsAttempt: false,
      countsDeferral: true,
      notBefore: { seconds: 600 },
    };
    const moved = await bench.lifecycle.release(await bench.claim(task_id), deferral);
    expect(moved?.task).toMatchObject({ status: 'QUEUED', attempt: 0, deferrals: 1 });
    const { not_before } = await bench.tasks.get(task_id);
    expect(moved?.events[0]).toMatchObject({
      type: 'task.queued',
      data: { reason: 'overloaded', not_before },
    });
    const waitMs = Date.parse(not_before ?? '') - Date.now();
    expect(Math.abs(waitMs - 600_000)).toBeLessThan(30_000);
    expect(await bench.tryClaim(task_id)).toBeNull();
    await bench.change(task_id, "not_before = '2000-01-01T00:00:00.000Z'");
    await bench.claim(task_id);
    expect((await bench.tasks.get(task_id)).not_before).toBeNull();
  });

  it('is parked without a worker: it blocks its session, is not reaped, and is claimed when its time has come', async () => {
    const { task_id, session_id } = await bench.submit();
    const later = await bench.submit({ session_id: session_id ?? '' });
    const moved = await bench.lifecycle.release(await bench.claim(task_id), PARKED);
    expect(moved?.task).toMatchObject({ status: 'WAITING', attempt: 0, deferrals: 0, lease_until: null });
    expect(moved?.events[0]).toMatchObject({
      type: 'task.waiting',
      data: { reason: 'waiting_quota', resumes_at: '2999-01-01T00:00:00.000Z' },
    });
    await bench.newReaper().reap();
    expect(await bench.tasks.get(task_id)).toMatchObject({ status: 'WAITING' });
    expect(await bench.tryClaim(task_id)).toBeNull();
    expect(await bench.tryClaim(later.task_id)).toBeNull();
    await bench.change(task_id, "not_before = '2000-01-01T00:00:00.000Z'");
    expect((await bench.runs.firstInLine(1000, 0)).map(({ taskId }) => taskId)).toContain(task_id);
    await bench.lifecycle.finish(await bench.claim(task_id), DONE);
    await bench.claim(later.task_id);
  });

  it('is parked and goes on first, also before a task that an api whose clock is behind stored later', async () => {
    const { task_id, session_id } = await bench.submit();
    await bench.lifecycle.release(await bench.claim(task_id), PARKED);
    const behind = await bench.submit({ session_id: session_id ?? '' });
    await bench.change(behind.task_id, "created_at = '2000-01-01T00:00:00.000Z'");
    await bench.change(task_id, "not_before = '2000-01-01T00:00:00.000Z'");
    expect(await bench.tryClaim(behind.task_id)).toBeNull();
    const line = (await bench.runs.firstInLine(1000, 0)).map(({ taskId }) => taskId);
    expect(line).toContain(task_id);
    expect(line).not.toContain(behind.task_id);
    const claim = await bench.claim(task_id);
    // Never two that are held or parked: they would wait for each other.
    expect(await bench.tryClaim(behind.task_id)).toBeNull();
    const ended = await bench.lifecycle.finish(claim, DONE);
    expect(ended?.bells.map(({ task_id: next }) => next)).toEqual([behind.task_id]);
    await bench.claim(behind.task_id);
  });

  it('is cancelled instead, when that was asked for and not heard yet', async () => {
    for (const release of [HANDED_BACK, PARKED, LOST]) {
      const { task_id } = await bench.submit();
      const claim = await bench.claim(task_id);
      await bench.tasks.requestCancel(task_id);
      expect((await bench.lifecycle.release(claim, release))?.task.status).toBe('CANCELLED');
      expect((await bench.eventTypes(task_id)).at(-1)).toBe('task.cancelled');
    }
  });

  it('is cancelled also when workers hand it on at each step of that', async () => {
    const { task_id } = await bench.submit();
    let claim: Claim | null = await bench.claim(task_id);
    const { database } = bench;
    const write = database.write.bind(database);
    let steps = 0;
    database.write = async (work) => {
      // The moves of the workers themselves go through.
      database.write = write;
      steps += 1;
      if (steps > 1) {
        if (claim) await bench.lifecycle.release(claim, HANDED_BACK);
        claim = claim ? null : await bench.claim(task_id);
      }
      database.write = interrupted;
      return write(work);
    };
    const interrupted = database.write;
    try {
      await bench.tasks.requestCancel(task_id);
    } finally {
      database.write = write;
    }
    const { status, cancel_requested_at } = await bench.tasks.get(task_id);
    expect(status === 'CANCELLED' || cancel_requested_at !== null).toBe(true);
  });

  it('ends once when cancelling races its end', async () => {
    for (let round = 0; round < 20; round += 1) {
      const { task_id } = await bench.submit();
      const claim = await bench.claim(task_id);
      const [, asked] = await Promise.all([
        bench.lifecycle.finish(claim, DONE),
        bench.tasks.requestCancel(task_id).then(
          () => 'accepted',
          (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
        ),
      ]);
      expect(['accepted', 'ALREADY_TERMINAL']).toContain(asked);
      const types = await bench.eventTypes(task_id);
      expect(types.filter((type) => type === 'task.completed' || type === 'task.cancelled')).toHaveLength(1);
    }
  });

  it('has the first in line without those that wait for another or for a time', async () => {
    const first = await bench.submit();
    const second = await bench.submit({ session_id: first.session_id ?? '' });
    const deferred = await bench.submit();
    await bench.lifecycle.release(await bench.claim(deferred.task_id), {
      ...HANDED_BACK,
      notBefore: { seconds: 600 },
    });
    const line = (await bench.runs.firstInLine(1000, 10)).map(({ taskId }) => taskId);
    expect(line).toContain(first.task_id);
    expect(line).not.toContain(second.task_id);
    expect(line).not.toContain(deferred.task_id);
    const inLine = async (taskId: string) =>
      (await bench.runs.firstInLine(1000, 900)).find((bell) => bell.taskId === taskId);
    expect(await inLine(first.task_id)).toMatchObject({ isOverdue: false });
    expect(await inLine(deferred.task_id)).toMatchObject({ isOverdue: false });
    await bench.change(deferred.task_id, "not_before = '2000-01-01T00:00:00.000Z'");
    expect(await inLine(deferred.task_id)).toMatchObject({ isOverdue: true });
  });

  it('is found by walking through the queue page by page, each once', async () => {
    const submitted: string[] = [];
    for (let count = 0; count < 5; count += 1) submitted.push((await bench.submit()).task_id);
    const found: string[] = [];
    for (let place: QueuePlace | null = FRONT_OF_QUEUE; place;) {
      const { bells, next } = await bench.runs.queuedAfter(place, 2);
      found.push(...bells.map(({ taskId }) => taskId));
      place = next;
    }
    expect(found.filter((taskId) => submitted.includes(taskId))).toEqual(submitted);
    expect(new Set(found).size).toBe(found.length);
  });
});
