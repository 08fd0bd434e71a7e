import { waitFor } from '../../support/wait-for.js';
import type { RunEntry } from '../checker/history.js';
import { now } from './clock.js';
import { withDatabase } from './dump-database.js';
import { promptOf } from './recorded-engine.js';
import type { World } from './world.js';

const AT_ONCE = 8;

export interface Submitted {
  key: string;
  taskId: string;
}

/** A task whose runs the ledger knows by its key. `attempts` as the submitter allows it. */
export async function submit(world: World, key: string, script: string, attempts = 3): Promise<Submitted> {
  const wish = { prompt: promptOf(script, key), max_attempts: attempts };
  return { key, taskId: await world.client.submit(key, wish) };
}

/** Many tasks, eight at a time, as clients do: each goes on when it has its 202. */
export async function submitMany(
  world: World,
  name: string,
  count: number,
  scriptOf: (n: number) => string,
  attempts = 3,
): Promise<Submitted[]> {
  const submitted: Submitted[] = [];
  let next = 1;
  const lane = async (): Promise<void> => {
    while (next <= count) {
      const n = next++;
      submitted.push(await submit(world, `${name}-${n}`, scriptOf(n), attempts));
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, count) }, lane));
  return submitted;
}

/** Waits until a run of the task has made so much output. Returns what it last noted. */
export function working(world: World, key: string, step = 1, limitMs = 30_000): Promise<RunEntry> {
  return waitFor(() => world.runs().find((entry) => entry.key === key && entry.step >= step), {
    timeoutMs: limitMs,
    what: `a run of ${key} at work`,
  });
}

/** Waits until somebody is told that the task is over. */
export async function over(world: World, taskId: string, limitMs = 60_000): Promise<string> {
  return waitFor(
    async () => {
      const status = await world.client.status(taskId);
      return status !== null && ['COMPLETED', 'FAILED', 'CANCELLED'].includes(status) ? status : null;
    },
    { timeoutMs: limitMs, intervalMs: 100, what: 'the task to end' },
  );
}

/** The last sign of a run on a node that has not ended. */
export function atWork(runs: readonly RunEntry[], node: string): RunEntry | undefined {
  const ended = new Set(
    runs.filter(({ what }) => what === 'ended' || what === 'stopped').map(({ runId }) => runId),
  );
  return runs.findLast((run) => run.node === node && run.step > 1 && !ended.has(run.runId));
}

/** Waits until the task is given to another worker, or given up. Returns how long after `since` that was. */
export async function noticed(world: World, key: string, since: number): Promise<number> {
  const statement = `SELECT COUNT(*) AS count FROM task_logs JOIN tasks ON tasks.task_id = task_logs.task_id
    WHERE idempotency_key = '${key}' AND (type = 'task.failed' OR (type = 'task.queued' AND data LIKE '%worker_lost%'))`;
  await waitFor(
    () =>
      withDatabase(world.setUp.databaseUrl, async (ask) => {
        const [row] = await ask<{ count: string | number }>(statement);
        return Number(row?.count) > 0;
      }),
    { timeoutMs: 40_000, what: 'the lost worker to be noticed' },
  );
  return now() - since;
}
