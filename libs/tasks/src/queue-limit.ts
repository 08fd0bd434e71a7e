import { Injectable } from '@nestjs/common';
import { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { TaskRepository } from './task.repository.js';

/** The database is asked again after a second, but counts for a twentieth of the time at most: a long line takes longer. */
const COUNT_AGE_MS = 1000;
const RESTS_PER_COUNT = 20;

/**
 * Refuses new tasks while too many wait. What the database said a moment ago, plus what came here since, protects as well
 * as a count for each request would. The database is asked beside the requests, so the length of the line costs them
 * nothing: only the first one waits for an answer, and one that would be refused by an old answer.
 */
@Injectable()
export class QueueLimit {
  /** Null until the database has answered once. */
  private counted: number | null = null;
  private since = 0;
  private counting: Promise<void> | null = null;
  private nextCountAtMs = -Infinity;

  constructor(
    private readonly settings: Settings,
    private readonly tasks: TaskRepository,
  ) {}

  /** Throws QUEUE_FULL; otherwise one more is counted. */
  async admit(): Promise<void> {
    if (performance.now() >= this.nextCountAtMs) this.counting ??= this.count();
    if (this.isFull() && this.counting) await this.counting;
    if (this.isFull()) {
      throw new AppError(
        'QUEUE_FULL',
        'Too many tasks are waiting. Try again later, or raise MAX_QUEUED_TASKS.',
        { retryAfterSeconds: 10 },
      );
    }
    this.since += 1;
  }

  /** As far as is known: before the first answer nothing may come in. */
  private isFull(): boolean {
    return this.counted === null || this.counted + this.since >= this.settings.maxQueuedTasks;
  }

  /** A failure is that of the requests that wait for the first answer; the others go by the last one. */
  private async count(): Promise<void> {
    const beginMs = performance.now();
    const sinceBefore = this.since;
    try {
      this.counted = await this.tasks.countQueued(this.settings.maxQueuedTasks);
      this.since -= sinceBefore;
      const tookMs = performance.now() - beginMs;
      this.nextCountAtMs = beginMs + Math.max(COUNT_AGE_MS, RESTS_PER_COUNT * tookMs);
    } catch (error) {
      if (this.counted === null) throw error;
      this.nextCountAtMs = beginMs + COUNT_AGE_MS;
    } finally {
      this.counting = null;
    }
  }
}
