import type { Job, JobOptions, QueueOptions } from 'bull';
import { bellId, type Bell } from './task-queue.js';

/** The founding document's name of the queue. */
export const TASK_QUEUE_NAME = 'task_queue';

/** The braces keep all keys of the queue on one node of a cluster, as Bull's scripts need. */
export const KEY_PREFIX = '{claude-code-agent}';

/** For people who look into Redis: the bell is read from the id of the job, which no flush can take from it. */
export type BellJob = Pick<Bell, 'taskId' | 'generation'>;

/** One attempt: running a task again is the database's decision, not a retry of Bull. Kept jobs would cost memory. */
const JOB_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const satisfies JobOptions;

/** Bull counts priorities from 1, the most urgent. */
const LEAST_URGENT = 201;
const USUAL = 101;

export const BULL_SETTINGS = {
  // A bell is answered in milliseconds. One that was taken from the list and never locked, because the connection
  // broke in between, comes back after two of these intervals; a locked one when its lock ends.
  stalledInterval: 3000,
  lockDuration: 6000,
  // A bell that is given up for having stalled too often would stay behind, and nobody would ring for it again.
  maxStalledCount: Number.MAX_SAFE_INTEGER,
  // Bells for later are looked for this often, and waiting for the next bell ends this often (in seconds).
  guardInterval: 1000,
  drainDelay: 1,
} as const satisfies QueueOptions['settings'];

export function jobOf(bell: Bell): { data: BellJob; opts: JobOptions } {
  const delay = bell.notBefore ? Math.max(0, Date.parse(bell.notBefore) - Date.now()) : 0;
  return {
    data: { taskId: bell.taskId, generation: bell.generation },
    opts: {
      ...JOB_OPTIONS,
      jobId: bellId(bell),
      priority: Math.min(Math.max(USUAL - bell.priority, 1), LEAST_URGENT),
      ...(delay > 0 ? { delay } : {}),
    },
  };
}

/** Null for a job that is none of ours. */
export function bellOf(job: Job<BellJob>): Bell | null {
  const [, taskId, generation] = /^(.+)-(\d{1,15})$/.exec(String(job.id)) ?? [];
  if (!taskId || !generation) return null;
  const priority = USUAL - (job.opts.priority ?? USUAL);
  return { taskId, generation: Number(generation), priority, notBefore: null };
}
