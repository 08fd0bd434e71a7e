import { waitFor } from '../../support/wait-for.js';
import type { RunEntry } from '../checker/history.js';
import { now } from './clock.js';
import { withDatabase } from './dump-database.js';
import type { FaultNode } from './fault-node.js';
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

/** Waits until a node works on one of these tasks. Returns the last sign of a run there that goes on. */
export function atWork(world: World, node: string, tasks: readonly Submitted[]): Promise<RunEntry> {
  const keys = new Set(tasks.map(({ key }) => key));
  const look = (): RunEntry | undefined => {
    const runs = world.runs();
    const ended = new Set(
      runs.filter(({ what }) => what === 'ended' || what === 'stopped').map(({ runId }) => runId),
    );
    return runs.findLast(
      (run) => run.node === node && keys.has(run.key) && run.step > 1 && !ended.has(run.runId),
    );
  };
  return waitFor(look, { timeoutMs: 30_000, what: `${node} to work` });
}

/** Kills the node that runs the task. Returns how long it took until the task was given to another, or given up. */
export async function killAndNotice(world: World, node: FaultNode, key: string): Promise<number> {
  const before = await lossesOf(world, key);
  await node.kill();
  const killedAt = now();
  await waitFor(async () => (await lossesOf(world, key)) > before, {
    timeoutMs: 40_000,
    what: 'the lost worker to be noticed',
  });
  return now() - killedAt;
}

/** How often a worker of the task was lost. */
function lossesOf(world: World, key: string): Promise<number> {
  const statement = `SELECT COUNT(*) AS count FROM task_logs JOIN tasks ON tasks.task_id = task_logs.task_id
    WHERE idempotency_key = '${key}' AND (type = 'task.failed' OR (type = 'task.queued' AND data LIKE '%worker_lost%'))`;
  return withDatabase(world.setUp.databaseUrl, async (ask) => {
    const [row] = await ask<{ count: string | number }>(statement);
    return Number(row?.count);
  });
}
