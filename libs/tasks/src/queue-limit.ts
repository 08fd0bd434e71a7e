import { Injectable } from '@nestjs/common';
import { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { TaskRepository } from './task.repository.js';

const COUNT_AGE_MS = 1000;

/**
 * Refuses new tasks while too many wait. What the database said a second ago, plus what came here since, protects as
 * well as a count for each request would.
 */
@Injectable()
export class QueueLimit {
  private counted: Promise<number> = Promise.resolve(0);
  private countedAt = -Infinity;
  private since = 0;

  constructor(
    private readonly settings: Settings,
    private readonly tasks: TaskRepository,
  ) {}

  /** Throws QUEUE_FULL; otherwise one more is counted. */
  async admit(): Promise<void> {
    const { maxQueuedTasks } = this.settings;
    if (performance.now() - this.countedAt > COUNT_AGE_MS) this.count(maxQueuedTasks);
    if ((await this.counted) + this.since >= maxQueuedTasks) {
      throw new AppError(
        'QUEUE_FULL',
        'Too many tasks are waiting. Try again later, or raise MAX_QUEUED_TASKS.',
        { retryAfterSeconds: 10 },
      );
    }
    this.since += 1;
  }

  /** All requests of the moment wait for one answer. A failure is theirs, and the next one asks again. */
  private count(max: number): void {
    this.countedAt = performance.now();
    this.since = 0;
    this.counted = this.tasks.countQueued(max);
    this.counted.catch(() => (this.countedAt = -Infinity));
  }
}
