import { markOf } from './claims.js';
import type { History, LogRow } from './history.js';

export const RUN = '0f8fad5b-d9cb-469f-a165-70867728950e';
export const SECOND_RUN = '7c9e6679-7425-40de-944b-e07fc1f90ae7';

/**
 * Two tasks as they should go: one whose first worker is lost after a step and which the second ends, and one that is
 * cancelled while it waits. Both were watched, once over two connections.
 */
export function cleanHistory(): History {
  const log = [
    row('t1', 1, 'task.created', {}, 0),
    row('t1', 2, 'task.queued', {}, 0),
    row('t1', 3, 'task.started', { attempt: 1 }, 1),
    row('t1', 4, 'task.output', { text: markOf(RUN, 1) }, 1),
    row('t1', 5, 'task.queued', { reason: 'worker_lost' }, 2),
    row('t1', 6, 'task.started', { attempt: 2 }, 3),
    row('t1', 7, 'task.output', { text: markOf(SECOND_RUN, 1) + markOf(SECOND_RUN, 2) }, 3),
    row('t1', 8, 'task.completed', {}, 3),
    row('t2', 1, 'task.created', {}, 0),
    row('t2', 2, 'task.queued', {}, 0),
    row('t2', 3, 'task.cancelled', {}, 0),
  ];
  const frames = log
    .filter(({ task_id }) => task_id === 't1')
    .map(({ seq, type, at, data }) => ({ seq, type, at, data }));
  const policy = { attempt: 2, max_attempts: 2, status_reason: null, result: null };
  const answer = { code: null, tookMs: 5, retryAfter: null };
  return {
    client: [
      { kind: 'intent', at: 0, key: 'k1' },
      {
        kind: 'no-answer',
        at: 10,
        key: 'k1',
        node: 'api',
        request: 'POST /api/tasks',
        tookMs: 9,
        refused: false,
      },
      ...(['k1', 'k2'] as const).flatMap((key, index) => [
        { kind: 'intent' as const, at: 20, key },
        {
          kind: 'answer' as const,
          ...{ at: 30_000, key, node: 'api', request: 'POST /api/tasks' },
          answer: { ...answer, status: 202, taskId: `t${index + 1}` },
        },
      ]),
      { kind: 'seen', at: 31, taskId: 't1', status: 'RUNNING' },
      { kind: 'seen', at: 900, taskId: 't1', status: 'COMPLETED' },
      { kind: 'seen', at: 901, taskId: 't2', status: 'CANCELLED' },
    ],
    runs: [
      { at: 40, key: 'k1', runId: RUN, node: 'w1', what: 'started', step: 0 },
      { at: 41, key: 'k1', runId: RUN, node: 'w1', what: 'step', step: 1 },
      { at: 500, key: 'k1', runId: SECOND_RUN, node: 'w2', what: 'started', step: 0 },
      { at: 501, key: 'k1', runId: SECOND_RUN, node: 'w2', what: 'step', step: 1 },
      { at: 502, key: 'k1', runId: SECOND_RUN, node: 'w2', what: 'step', step: 2 },
      { at: 503, key: 'k1', runId: SECOND_RUN, node: 'w2', what: 'ended', step: 2 },
    ],
    faults: [
      { what: 'down', node: 'api', from: 5, until: 15 },
      { what: 'down', node: 'w1', from: 42, until: 60 },
    ],
    database: {
      tasks: [
        { task_id: 't1', idempotency_key: 'k1', status: 'COMPLETED', fence: 3, last_seq: 8, ...policy },
        { task_id: 't2', idempotency_key: 'k2', status: 'CANCELLED', fence: 0, last_seq: 3, ...policy },
      ],
      log,
      outbox: 0,
    },
    jobs: { waiting: 0, active: 0, delayed: 0 },
    watchers: [
      {
        ...{ name: 'socket', taskId: 't1', finished: true },
        connections: [
          { after: 0, frames: frames.slice(0, 5) },
          { after: 5, frames: frames.slice(5) },
        ],
      },
      {
        name: 'stream',
        taskId: 't1',
        finished: false,
        connections: [{ after: 0, frames: frames.slice(0, 2) }],
      },
    ],
    survivors: [],
    restored: {
      integrity: 'ok',
      database: {
        tasks: [
          { task_id: 't2', idempotency_key: 'k2', status: 'CANCELLED', fence: 0, last_seq: 3, ...policy },
        ],
        log: log.filter(({ task_id }) => task_id === 't2'),
        outbox: 1,
      },
    },
  };
}

function row(task_id: string, seq: number, type: string, data: object, fence: number): LogRow {
  return { task_id, seq, type, at: `2026-01-01T00:00:00.00${seq}Z`, data: JSON.stringify(data), fence };
}
