import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import type { OutboxEntity } from './outbox.entity.js';
import { OutboxRepository } from './outbox.repository.js';
import { TASK_QUEUE, type Bell, type TaskQueue } from './task-queue.js';

const BATCH = 500;
const RETRY_MS = 1000;

/** Rings the bells of the outbox. A bell that was rung and not yet deleted may ring again: that harms nobody. */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(OutboxRelay.name);
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = false;
  private retry: NodeJS.Timeout | null = null;

  constructor(
    private readonly outbox: OutboxRepository,
    @Inject(TASK_QUEUE) private readonly queue: TaskQueue,
  ) {}

  onApplicationBootstrap(): void {
    this.wake();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    if (this.retry) clearTimeout(this.retry);
    await this.running;
  }

  /** Rows that were just committed ring at once; all others are read from the table. Returns at once. */
  wake(committed: readonly OutboxEntity[] = []): void {
    if (this.stopped) return;
    if (committed.length > 0 && !this.running && !this.retry) {
      this.run(() => this.deliver(committed));
      return;
    }
    this.again = true;
    if (!this.running && !this.retry) this.run(() => Promise.resolve());
  }

  private run(first: () => Promise<void>): void {
    this.running = this.drain(first).finally(() => {
      this.running = null;
      if (this.again && !this.stopped && !this.retry) this.run(() => Promise.resolve());
    });
  }

  private async drain(first: () => Promise<void>): Promise<void> {
    try {
      await first();
      while (this.again && !this.stopped) {
        this.again = false;
        const rows = await this.outbox.oldest(BATCH);
        if (rows.length === 0) return;
        await this.deliver(rows);
        this.again = true;
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'bells could not be rung; trying again');
      this.again = true;
      this.retry = setTimeout(() => {
        this.retry = null;
        this.wake();
      }, RETRY_MS);
    }
  }

  private async deliver(rows: readonly OutboxEntity[]): Promise<void> {
    await this.queue.ring(rows.map(bellOf));
    await this.outbox.remove(rows);
  }
}

function bellOf(row: OutboxEntity): Bell {
  return {
    taskId: row.task_id,
    generation: row.generation,
    priority: row.priority,
    notBefore: row.not_before,
  };
}
