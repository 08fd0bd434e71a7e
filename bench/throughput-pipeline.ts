import type { Service } from '../test/support/service.js';
import { waitFor } from '../test/support/wait-for.js';
import { cpuMsOf } from './cpu-time.js';
import type { Figure, Measurement } from './figure.js';
import { load, postRequest } from './http-load.js';
import { BENCH_SET_UPS, withScriptedService } from './set-ups.js';

const TASKS = 3_000;
const WARM_UP_TASKS = 500;
const EVENTS = 20;
const CONCURRENCY = 50;
const LIMIT_MS = 300_000;
const TARGETS: Record<string, number> = { SQLite: 300, Postgres: 200 };
/** What the service itself writes about a task, beside the output. */
const OTHER_EVENTS = ['created', 'queued', 'started', 'engine', 'metrics', 'completed'].length;

/** Submit over HTTP, claim, store and publish 20 events, end: how many tasks per second from the first to the last. */
export async function pipeline(): Promise<Measurement> {
  const figures: Figure[] = [];
  for (const setUp of BENCH_SET_UPS) {
    const { name } = setUp;
    const { perSecond, cpuMs } = await setUp.use((environment) =>
      withScriptedService({ ...environment, MAX_CONCURRENT_TASKS: String(CONCURRENCY) }, runTasks),
    );
    const target = TARGETS[name] ?? null;
    figures.push(
      { name: `${name}: whole pipeline, tasks`, unit: '/s', measured: perSecond, target, goal: 'at least' },
      { name: `${name}: processor time of the service per task`, unit: 'ms', measured: cpuMs, target: null },
    );
  }
  return { figures, raw: {} };
}

async function runTasks(service: Service): Promise<{ perSecond: number; cpuMs: number }> {
  await runAll(service, WARM_UP_TASKS);
  const cpuBefore = await cpuMsOf(service.pid);
  const begin = performance.now();
  await runAll(service, TASKS);
  const seconds = (performance.now() - begin) / 1000;
  const cpuMs = ((await cpuMsOf(service.pid)) - cpuBefore) / TASKS;
  await assertComplete(service);
  return { perSecond: TASKS / seconds, cpuMs };
}

async function runAll(service: Service, requests: number): Promise<void> {
  const prompt = `ok:${EVENTS}\n${'x'.repeat(1000)}`;
  const request = postRequest('/api/tasks', { prompt }, service.key);
  await load({ port: service.port, connections: 50, requests, request: () => request });
  await waitFor(async () => (await isEmpty(service, 'QUEUED')) && (await isEmpty(service, 'RUNNING')), {
    timeoutMs: LIMIT_MS,
    intervalMs: 100,
    what: 'all tasks to end',
  });
}

async function isEmpty(service: Service, status: string): Promise<boolean> {
  return (await service.call('GET', `/api/tasks?limit=1&status=${status}`)).text.includes('"items":[]');
}

/** Every task ended well, with every event in its log. */
async function assertComplete(service: Service): Promise<void> {
  let complete = 0;
  for (let cursor: string | null = ''; cursor !== null;) {
    const after: string = cursor === '' ? '' : `&cursor=${cursor}`;
    const { body } = await service.call('GET', `/api/tasks?limit=200${after}`);
    const page = body as { items: { status: string; last_seq: number }[]; next_cursor: string | null };
    complete += page.items.filter(
      (task) => task.status === 'COMPLETED' && task.last_seq === EVENTS + OTHER_EVENTS,
    ).length;
    cursor = page.next_cursor;
  }
  if (complete !== TASKS + WARM_UP_TASKS) throw new Error(`only ${complete} tasks ended as they should`);
}
