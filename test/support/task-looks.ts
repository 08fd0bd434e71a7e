import type { TestingModule } from '@nestjs/testing';
import { cursorOf } from '@app/database';
import { OutboxRepository } from '@app/queue';
import { SessionService } from '@app/sessions';
import {
  EventLog,
  FRONT_OF_QUEUE,
  LostClaimsRepository,
  TaskLifecycle,
  TaskRunsRepository,
  TaskService,
  WaitingTasks,
} from '@app/tasks';
import type { TaskFilter } from '../../libs/tasks/src/task-list.repository.js';
import { TaskRepository } from '../../libs/tasks/src/task.repository.js';
import { type TaskListView, TaskView } from '../../libs/tasks/src/task.view.js';
import { instantOf, sessionId, taskId, type Crowd } from './fill-tables.js';

/** One kind of question to the full tables. `ask` gets the number of the sample, so that not all hit the same rows. */
export interface Look {
  name: string;
  ask(sample: number): Promise<unknown>;
}

const QUEUE_LIMIT = 100_000;

export function looksOf(module: TestingModule, crowd: Crowd): Look[] {
  const service = module.get(TaskService, { strict: false });
  const tasks = module.get(TaskRepository, { strict: false });
  const runs = module.get(TaskRunsRepository, { strict: false });
  const lifecycle = module.get(TaskLifecycle, { strict: false });
  const log = module.get(EventLog, { strict: false });
  const lostClaims = module.get(LostClaimsRepository, { strict: false });
  const waiting = module.get(WaitingTasks, { strict: false });
  const outbox = module.get(OutboxRepository, { strict: false });
  const sessions = module.get(SessionService, { strict: false });
  /** Spread over the tasks that have ended, and the same in each run. */
  const anywhere = (sample: number): number => 1 + ((sample * 611_953) % Math.floor(crowd.tasks * 0.9));
  const cursorAt = (number: number): string => cursorOf([instantOf(crowd, number), taskId(number)]);
  /** What a request for a list does, but for HTTP itself. */
  const list = async (
    filter: TaskFilter,
    request: { limit?: number; cursor?: string } = {},
  ): Promise<string> => {
    const { items, next_cursor } = await service.list(filter, { limit: 50, ...request });
    const view: TaskListView = { items: items.map(TaskView.of), next_cursor };
    return JSON.stringify(view);
  };
  return [
    ...Object.entries(lists(crowd, anywhere)).map(([name, filterOf]) => ({
      name: `list: ${name}`,
      ask: (sample: number) => list(filterOf(sample)),
    })),
    { name: 'list: newest 200', ask: () => list({}, { limit: 200 }) },
    { name: 'list: a page anywhere', ask: (sample) => list({}, { cursor: cursorAt(anywhere(sample)) }) },
    {
      name: 'list: a page anywhere, status=FAILED',
      ask: (sample) => list({ status: 'FAILED' }, { cursor: cursorAt(anywhere(sample)) }),
    },
    {
      name: 'list: a page anywhere, q that nothing has',
      ask: (sample) => list({ q: 'no such words' }, { cursor: cursorAt(anywhere(sample)) }),
    },
    { name: 'list: sessions', ask: () => sessions.list({ limit: 50 }) },
    {
      name: 'list: sessions, a page anywhere',
      ask: (sample) => sessions.list({ limit: 50, cursor: cursorAt(anywhere(sample)) }),
    },
    { name: 'get: one task', ask: (sample) => service.get(taskId(anywhere(sample))) },
    {
      name: 'get: by its idempotency key',
      ask: (sample) => tasks.findByIdempotencyKey(`key-${anywhere(sample) - (anywhere(sample) % 4)}`),
    },
    { name: 'get: its events', ask: (sample) => log.read(taskId(anywhere(sample)), 0, 200) },
    { name: 'look: reconciler, first in line', ask: () => runs.firstInLine(1000, 10) },
    { name: 'look: reconciler, first page of the walk', ask: () => runs.queuedAfter(FRONT_OF_QUEUE, 500) },
    { name: 'look: reaper', ask: () => runs.expiredLeases(500) },
    {
      name: 'look: reaper, whether a run has begun',
      ask: (sample) => lostClaims.lostUnbegun({ taskId: taskId(anywhere(sample)), fence: 1 }, 4),
    },
    { name: 'look: health, overdue tasks', ask: () => waiting.overdue(30) },
    { name: 'look: outbox relay', ask: () => outbox.oldest(500) },
    { name: 'look: waiting tasks for the limit', ask: () => tasks.countQueued(QUEUE_LIMIT) },
    {
      name: 'claim: first in line, by compare-and-set',
      ask: async () => {
        const [bell] = await runs.firstInLine(1, 0);
        if (!bell || !(await lifecycle.claim(bell, 'nobody', 60)))
          throw new Error('the task was not claimed');
      },
    },
  ];
}

function lists(
  crowd: Crowd,
  anywhere: (sample: number) => number,
): Record<string, (sample: number) => TaskFilter> {
  const yesterday = new Date(Date.now() - 86_400_000).toISOString();
  return {
    newest: () => ({}),
    'status=COMPLETED': () => ({ status: 'COMPLETED' }),
    'status=QUEUED': () => ({ status: 'QUEUED' }),
    'status=RUNNING': () => ({ status: 'RUNNING' }),
    'agent, common': () => ({ agent: 'executor' }),
    'agent, seldom': () => ({ agent: 'seldom' }),
    'agent that is not there': () => ({ agent: 'nobody' }),
    'source, common': () => ({ source: 'api' }),
    'source, seldom': () => ({ source: 'retry' }),
    'source that is not there': () => ({ source: 'github' }),
    session: (sample) => ({ session_id: sessionId(Math.floor(anywhere(sample) / 5)) }),
    'longest session': () => ({ session_id: sessionId(0) }),
    'since yesterday': () => ({ since: yesterday }),
    'status and agent': () => ({ status: 'FAILED', agent: 'executor' }),
    'status and agent, nothing': () => ({ status: 'FAILED', agent: 'planning' }),
    'status (most) and agent, seldom': () => ({ status: 'COMPLETED', agent: 'seldom' }),
    'status and source': () => ({ status: 'FAILED', source: 'cli' }),
    'status (most) and source, nothing': () => ({ status: 'COMPLETED', source: 'github' }),
    'agent and source': () => ({ agent: 'executor', source: 'api' }),
    'agent and source, nothing': () => ({ agent: 'reviewer', source: 'retry' }),
    'status, agent and source, nothing': () => ({ status: 'COMPLETED', agent: 'reviewer', source: 'retry' }),
    'longest session and status': () => ({ session_id: sessionId(0), status: 'FAILED' }),
    'agent since yesterday': () => ({
      agent: 'planning',
      since: yesterday,
    }),
    'q that most have': () => ({ q: 'matter' }),
    'q that one has': (sample) => ({ q: `matter ${crowd.tasks - 1000 - sample} of` }),
    'q that nothing has': () => ({ q: 'no such words' }),
    'q and status': () => ({ q: 'no such words', status: 'FAILED' }),
    'q and agent': () => ({ q: 'no such words', agent: 'executor' }),
    'q in the longest session': () => ({ q: 'no such words', session_id: sessionId(0) }),
  };
}
