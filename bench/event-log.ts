import type { TestingModule } from '@nestjs/testing';
import { LIVE_BUS, type LiveBus } from '@app/bus';
import type { NewTaskEvent } from '@app/contracts';
import { Database } from '@app/database';
import { TaskLifecycle, type Claim } from '@app/tasks';
import { EventRecorder } from '../libs/execution/src/event-recorder.js';
import { SubmitTask } from '../libs/tasks/src/submit-task.js';
import type { Figure, Measurement } from './figure.js';
import { withTasks } from './open-tasks.js';
import { BENCH_SET_UPS, type BenchSetUp } from './set-ups.js';

const TASKS = 20;
const EVENTS_PER_TASK = 10_000;
const WARM_UP_PER_TASK = 500;
const TARGET = 20_000;
const RAW = { statements: 200, rows: 1_000 };

/** Events per second that tasks which run at the same time can store and publish, when their engines never wait. */
export async function eventLog(): Promise<Measurement> {
  const figures: Figure[] = [];
  for (const setUp of BENCH_SET_UPS) figures.push(...(await eventsOn(setUp)));
  return { figures, raw: {} };
}

function eventsOn(setUp: BenchSetUp): Promise<Figure[]> {
  return setUp.use((environment) =>
    withTasks({ ...environment, MAX_QUEUED_TASKS: '1000' }, async (module) => {
      await module.init();
      const claims = await claimedTasks(module);
      await record(module, claims, WARM_UP_PER_TASK);
      const { perSecond, cpuMs } = await record(module, claims, EVENTS_PER_TASK);
      const raw = await rawRate(module.get(Database, { strict: false }));
      const of = (what: string): string => `${setUp.name}: ${what}`;
      return [
        {
          name: of('events stored and published'),
          unit: '/s',
          measured: perSecond,
          target: TARGET,
          goal: 'at least',
        },
        { name: of('processor time of this process per 1000'), unit: 'ms', measured: cpuMs, target: null },
        { name: of('raw rows, in inserts of 1000'), unit: '/s', measured: raw, target: null },
        { name: of('events / raw rows'), unit: '×', measured: perSecond / raw, target: null },
      ] satisfies Figure[];
    }),
  );
}

async function claimedTasks(module: TestingModule): Promise<Claim[]> {
  const submit = module.get(SubmitTask, { strict: false });
  const lifecycle = module.get(TaskLifecycle, { strict: false });
  return Promise.all(
    Array.from({ length: TASKS }, async () => {
      const { task } = await submit.submit({ prompt: 'Tell.' }, { source: 'api', createdBy: null });
      const claimed = await lifecycle.claim({ taskId: task.task_id, generation: 1 }, 'bench', 600);
      if (!claimed) throw new Error('a task could not be claimed');
      return { taskId: task.task_id, fence: claimed.task.fence };
    }),
  );
}

/** Through the recorder of each run, as its engine's events go; over when a listener has heard the last of all. */
async function record(
  module: TestingModule,
  claims: readonly Claim[],
  eventsEach: number,
): Promise<{ perSecond: number; cpuMs: number }> {
  const lifecycle = module.get(TaskLifecycle, { strict: false });
  const bus = module.get<LiveBus>(LIVE_BUS, { strict: false });
  let heard = 0;
  const stop = bus.subscribe('task.events', ({ events }) => (heard += events?.length ?? 0));
  const cpuBefore = process.cpuUsage();
  const begin = performance.now();
  await Promise.all(claims.map((claim) => run(lifecycle, claim, eventsEach)));
  const seconds = (performance.now() - begin) / 1000;
  const { user, system } = process.cpuUsage(cpuBefore);
  stop();
  const all = claims.length * eventsEach;
  if (heard !== all) throw new Error(`${heard} of ${all} events were published`);
  return { perSecond: all / seconds, cpuMs: (user + system) / 1000 / (all / 1000) };
}

async function run(lifecycle: TaskLifecycle, claim: Claim, events: number): Promise<void> {
  const recorder = new EventRecorder(async (news) => (await lifecycle.goOn(claim, news)) !== null);
  for (let number = 0; number < events; number += 1) await recorder.add(eventOf(number));
  if (!(await recorder.flush())) throw new Error('a claim was lost');
  recorder.close();
}

/** A piece of text of a message of its own: two of one message would be stored as one event. */
function eventOf(number: number): NewTaskEvent {
  const data = {
    message_id: `message-${number}`,
    kind: 'text' as const,
    text: 'This is about as much as comes at a time. ',
  };
  return { type: 'task.output', data };
}

/** The same rows, many in each statement, each statement a transaction. */
async function rawRate(database: Database): Promise<number> {
  const data = JSON.stringify(eventOf(1).data);
  const at = new Date().toISOString();
  const place = (number: number): string => (database.dialect === 'postgres' ? `$${number}` : '?');
  const rows = Array.from({ length: RAW.rows }, (_, row) => {
    const places = Array.from({ length: 6 }, (_column, column) => place(row * 6 + column + 1));
    return `(${places.join(', ')})`;
  });
  const insert = `INSERT INTO task_logs (task_id, seq, at, type, data, fence) VALUES ${rows.join(', ')}`;
  const begin = performance.now();
  for (let statement = 0; statement < RAW.statements; statement += 1) {
    const values = rows.flatMap((_, row) => [`raw-${statement}`, row + 1, at, 'task.output', data, 1]);
    await database.write((manager) => manager.query(insert, values));
  }
  return (RAW.statements * RAW.rows) / ((performance.now() - begin) / 1000);
}
