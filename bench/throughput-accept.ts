import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '../test/support/free-port.js';
import { cpuMsOf } from './cpu-time.js';
import { percentile, type Figure, type Measurement } from './figure.js';
import { load, postRequest, type LoadResult } from './http-load.js';
import { rawInserts, rawQueueAdds } from './raw-rates.js';
import { BENCH_SET_UPS, withScriptedService, type BenchSetUp } from './set-ups.js';
import { endProcess } from './surroundings.js';

const CONNECTIONS = 50;
const WARM_UP_MS = 3_000;
const MEASURED_MS = 8_000;
const WISH = { prompt: `ok:0\n${'x'.repeat(1019)}` };

/** How many tasks per second are accepted (202, committed) when none is run, beside what could be had at best. */
export async function acceptRate(): Promise<Measurement> {
  const loaded = await emptyController();
  const empty = rate(loaded);
  const figures: Figure[] = [
    { name: 'empty Nest controller, same body', unit: '/s', measured: empty, target: null },
    { name: 'its processor time per request', unit: 'ms', measured: loaded.cpuMs, target: null },
  ];
  for (const setUp of BENCH_SET_UPS) figures.push(...(await acceptOn(setUp, empty)));
  return { figures, raw: {} };
}

function acceptOn(setUp: BenchSetUp, empty: number): Promise<Figure[]> {
  return setUp.use(async (environment) => {
    const result = await withScriptedService(
      { ...environment, MAX_CONCURRENT_TASKS: '1' },
      async (service) => {
        // Takes the only place, so that what is measured is accepting alone.
        await service.taskIn((await service.submit({ prompt: 'hang' })).task_id, ['RUNNING']);
        return underLoad(service.port, service.key, service.pid);
      },
    );
    const accepted = rate(result);
    const of = (what: string) => `${setUp.name}: ${what}`;
    const goal = 'at least' as const;
    return [
      { name: of('accepted tasks'), unit: '/s', measured: accepted, target: 2500, goal },
      { name: of('accepted / empty controller'), unit: '×', measured: accepted / empty, target: 0.5, goal },
      {
        name: of('processor time of the service per accepted task'),
        unit: 'ms',
        measured: result.cpuMs,
        target: null,
      },
      {
        name: of('time to the 202, p99'),
        unit: 'ms',
        measured: percentile(result.latenciesMs, 0.99),
        target: null,
      },
      {
        name: of('raw single-row inserts'),
        unit: '/s',
        measured: await rawInserts(environment),
        target: null,
      },
      ...(environment.REDIS_URL
        ? ([
            {
              name: of('raw queue.add'),
              unit: '/s',
              measured: await rawQueueAdds(environment.REDIS_URL),
              target: null,
            },
          ] satisfies Figure[])
        : []),
    ];
  });
}

async function emptyController(): Promise<Loaded> {
  const port = await freePort();
  const child = spawn(
    process.execPath,
    ['--import', './scripts/typescript.mjs', 'bench/empty-controller.ts'],
    {
      env: { PATH: process.env.PATH, PORT: String(port) },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  try {
    await once(child.stdout, 'data', { signal: AbortSignal.timeout(30_000) });
    return await underLoad(port, null, child.pid ?? 0);
  } finally {
    await endProcess(child);
  }
}

interface Loaded extends LoadResult {
  /** Per answer. */
  cpuMs: number;
}

async function underLoad(port: number, key: string | null, pid: number): Promise<Loaded> {
  const request = postRequest('/api/tasks', WISH, key);
  const plan = { port, connections: CONNECTIONS, request: () => request };
  await load({ ...plan, untilMs: performance.now() + WARM_UP_MS });
  const cpuBefore = await cpuMsOf(pid);
  const result = await load({ ...plan, untilMs: performance.now() + MEASURED_MS });
  const cpuMs = ((await cpuMsOf(pid)) - cpuBefore) / result.answered;
  if (result.statuses['202'] !== result.answered)
    throw new Error(`not all were accepted: ${JSON.stringify(result.statuses)}`);
  return { ...result, cpuMs };
}

function rate({ answered, seconds }: LoadResult): number {
  return answered / seconds;
}
