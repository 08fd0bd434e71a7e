import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { TaskEvent } from '@app/contracts';
import type { LiveClient, Service } from '../test/support/service.js';
import { waitFor } from '../test/support/wait-for.js';
import { directRun, type RunTimes } from './direct-run.js';
import { median, type Measurement } from './figure.js';
import { type ModelAddress, watchedSession, withFolder, withService } from './surroundings.js';

const ROUNDS = 7;
const PROMPT = 'SCENARIO:plain';
const LIMIT_MS = 60_000;

/** What a task of the service costs over the same prompt given to `claude -p`, in turn against the same model. */
export function taskOverhead(model: ModelAddress): Promise<Measurement> {
  return withFolder((folder) =>
    withService(model, async (service, socket) => {
      const folders = { configDir: join(folder, 'claude'), workspace: join(folder, 'workspace') };
      await Promise.all(Object.values(folders).map((path) => mkdir(path)));
      const direct: RunTimes[] = [];
      const task: RunTimes[] = [];
      // The first round fills caches and is not counted.
      for (let round = 0; round <= ROUNDS; round += 1) {
        const alone = await directRun(PROMPT, folders, model);
        const served = await taskRun(service, socket);
        if (round === 0) continue;
        direct.push(alone);
        task.push(served);
      }
      return compare(direct, task);
    }),
  );
}

/** From the request to its first output, and to its end, as the socket tells them. */
async function taskRun(service: Service, socket: LiveClient): Promise<RunTimes> {
  const sessionId = await watchedSession(service, socket);
  let firstAt: number | undefined;
  let endAt: number | undefined;
  let failure: string | undefined;
  const listen = (event: TaskEvent) => {
    if (event.type === 'task.output') firstAt ??= performance.now();
    if (event.type === 'task.completed') endAt = performance.now();
    if (event.type === 'task.failed') failure = JSON.stringify(event.data);
  };
  socket.on('task.event', listen);
  try {
    const begin = performance.now();
    await service.submit({ prompt: PROMPT, session_id: sessionId });
    await waitFor(() => endAt ?? failure, { timeoutMs: LIMIT_MS, what: 'the task to end' });
    if (firstAt === undefined || endAt === undefined) throw new Error(`the task failed: ${failure}`);
    return { firstMs: firstAt - begin, totalMs: endAt - begin };
  } finally {
    socket.off('task.event', listen);
  }
}

function compare(direct: RunTimes[], task: RunTimes[]): Measurement {
  const raw = {
    'claude -p, first delta': direct.map(({ firstMs }) => firstMs),
    'task, first delta': task.map(({ firstMs }) => firstMs),
    'claude -p, total': direct.map(({ totalMs }) => totalMs),
    'task, total': task.map(({ totalMs }) => totalMs),
  };
  const times = Object.entries(raw).map(([name, samples]) => {
    return { name, unit: 'ms' as const, measured: median(samples), target: null };
  });
  const ratio = (of: number[], to: number[]) => median(of) / median(to);
  return {
    figures: [
      ...times,
      {
        name: 'task / claude -p, total',
        unit: '×',
        measured: ratio(raw['task, total'], raw['claude -p, total']),
        target: 1.1,
      },
      {
        name: 'task / claude -p, first delta',
        unit: '×',
        measured: ratio(raw['task, first delta'], raw['claude -p, first delta']),
        target: 1.15,
      },
    ],
    raw,
  };
}
