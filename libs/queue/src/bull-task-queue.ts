import { Logger } from '@nestjs/common';
import type { Job, JobOptions, Queue } from 'bull';
import { bellId, type Bell, type TaskQueue } from './task-queue.js';

export const TASK_QUEUE_NAME = 'task_queue';
const JOB_NAME = 'look';
const ANSWER_LIMIT_MS = 2000;

/** One attempt: running a task again is the database's decision, not a retry of Bull. Kept jobs would cost memory. */
const JOB_OPTIONS = { attempts: 1, removeOnComplete: true, removeOnFail: true } as const satisfies JobOptions;

export type BellJob = Pick<Bell, 'taskId' | 'generation'>;

/** Bells over Redis, for several processes. Bull is only the doorbell: its locks and retries decide nothing. */
export class BullTaskQueue implements TaskQueue {
  private readonly logger = new Logger(BullTaskQueue.name);

  constructor(
    private readonly queue: Queue<BellJob>,
    private readonly reconnected: (listener: () => void) => void,
  ) {
    // Without a listener a lost connection would end the process.
    queue.on('error', (error) => this.logger.warn(`the queue cannot be reached: ${error.message}`));
  }

  async ring(bells: readonly Bell[]): Promise<void> {
    if (bells.length === 0) return;
    await within(ANSWER_LIMIT_MS, this.queue.addBulk(bells.map(jobOf)));
  }

  async missing(bells: readonly Bell[]): Promise<Bell[]> {
    const jobs = await within(
      ANSWER_LIMIT_MS,
      Promise.all(bells.map((bell) => this.queue.getJob(bellId(bell)))),
    );
    return bells.filter((_bell, index) => !jobs[index]);
  }

  answer(concurrency: number, handler: (bell: Bell) => Promise<void>): Promise<void> {
    // `process` settles only when the queue closes.
    this.queue
      .process(JOB_NAME, concurrency, (job: Job<BellJob>) =>
        handler({ ...job.data, priority: 0, notBefore: null }),
      )
      .catch((error: unknown) => this.logger.warn({ err: error }, 'the queue stopped answering'));
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    await within(ANSWER_LIMIT_MS, this.queue.pause(true, true)).catch(() => undefined);
  }

  async check(): Promise<void> {
    await within(ANSWER_LIMIT_MS, this.queue.client.ping());
  }

  async depth(): Promise<number> {
    const counts = await within(ANSWER_LIMIT_MS, this.queue.getJobCounts());
    return counts.waiting + counts.delayed;
  }

  onReconnect(listener: () => void): void {
    this.reconnected(listener);
  }
}

function jobOf(bell: Bell): { name: string; data: BellJob; opts: JobOptions } {
  const delay = bell.notBefore ? Math.max(0, Date.parse(bell.notBefore) - Date.now()) : 0;
  return {
    name: JOB_NAME,
    data: { taskId: bell.taskId, generation: bell.generation },
    // Bull counts from 1, the most urgent.
    opts: {
      ...JOB_OPTIONS,
      jobId: bellId(bell),
      priority: 101 - bell.priority,
      ...(delay > 0 ? { delay } : {}),
    },
  };
}

/** Bull waits without end for a Redis that is away. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('Redis does not answer')), limitMs);
  });
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
    work.catch(() => undefined);
  }
}
