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
/** For rows whose writer never learned that they were committed, or ended before it could ring. */
const LOOK_EVERY_MS = 5000;

/** Rings the bells of the outbox. A bell that was rung and not yet deleted may ring again: that harms nobody. */
@Injectable()
export class OutboxRelay implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(OutboxRelay.name);
  private running: Promise<void> | null = null;
  /** Just committed and not rung yet. */
  private committed: OutboxEntity[] = [];
  private tableMayHoldMore = false;
  private stopped = false;
  private retry: NodeJS.Timeout | null = null;
  private looking: NodeJS.Timeout | null = null;

  constructor(
    private readonly outbox: OutboxRepository,
    @Inject(TASK_QUEUE) private readonly queue: TaskQueue,
  ) {}

  onApplicationBootstrap(): void {
    this.looking = setInterval(() => this.wake(), LOOK_EVERY_MS);
    this.wake();
  }

  async onModuleDestroy(): Promise<void> {
    this.stopped = true;
    if (this.retry) clearTimeout(this.retry);
    if (this.looking) clearInterval(this.looking);
    await this.running;
  }

  /** Rings for what was just committed; without it, for what the table holds. Returns at once. */
  wake(committed: readonly OutboxEntity[] = []): void {
    if (this.stopped) return;
    // Until Redis is there again the table keeps them, where it has them: memory must not fill up.
    if (committed.length > 0 && !(this.retry && this.outbox.keepsRows)) this.committed.push(...committed);
    else this.tableMayHoldMore = true;
    if (!this.running && !this.retry) this.running = this.drain();
  }

  private async drain(): Promise<void> {
    try {
      while (!this.stopped && (this.committed.length > 0 || this.tableMayHoldMore)) await this.deliverNext();
    } catch (error) {
      this.logger.warn({ err: error }, 'bells could not be rung; trying again');
      if (this.outbox.keepsRows) this.committed = [];
      this.retry = setTimeout(() => {
        this.retry = null;
        this.wake();
      }, RETRY_MS);
    }
    this.running = null;
  }

  private async deliverNext(): Promise<void> {
    const fresh = this.committed.splice(0, BATCH);
    if (fresh.length > 0) return this.deliver(fresh, { committed: true });
    const rows = await this.outbox.oldest(BATCH);
    if (rows.length < BATCH) this.tableMayHoldMore = false;
    if (rows.length > 0) await this.deliver(rows, { committed: false });
  }

  private async deliver(rows: readonly OutboxEntity[], from: { committed: boolean }): Promise<void> {
    await this.queue.ring(rows.map(bellOf));
    await this.outbox.remove(rows, from);
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
