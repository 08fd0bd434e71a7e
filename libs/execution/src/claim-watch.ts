import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { TASK_QUEUE, type TaskQueue } from '@app/queue';
import { WaitingTasks } from '@app/tasks';
import { WorkerPresence } from '@app/workers';
import { RunningTasks } from './running-tasks.js';

const LOOK_EVERY_MS = 5000;
const IDLE_SECONDS = 20;

/**
 * Whether this process takes tasks when there are some: what its liveness means. It looks only when it has had free
 * slots and taken nothing for a while, and does not count what a restart cannot mend: a database or a queue that is
 * away.
 */
@Injectable()
export class ClaimWatch implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(ClaimWatch.name);
  private timer: NodeJS.Timeout | null = null;
  private looking = false;
  private overdueTask: string | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly running: RunningTasks,
    private readonly waiting: WaitingTasks,
    @Inject(TASK_QUEUE) private readonly queue: TaskQueue,
    presence: WorkerPresence,
  ) {
    presence.reports(() => ({ running: running.count, claims: running.claims }));
  }

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => void this.look(), LOOK_EVERY_MS);
  }

  /** A process that shuts down takes nothing, as it should. */
  onModuleDestroy(): void {
    if (this.timer) clearInterval(this.timer);
    this.overdueTask = null;
  }

  /** Throws NOT_READY when this process lets tasks wait although it has room for them. */
  assertClaiming(): void {
    if (this.overdueTask === null || !this.isIdle()) return;
    throw new AppError(
      'NOT_READY',
      `This process has free slots and takes no task, although ${this.overdueTask} waits. Restart it.`,
    );
  }

  private async look(): Promise<void> {
    if (this.looking) return;
    this.looking = true;
    try {
      this.overdueTask = this.isIdle() ? await this.findOverdue() : null;
    } catch (error) {
      this.overdueTask = null;
      this.logger.debug({ err: error }, 'whether tasks wait could not be found out');
    } finally {
      this.looking = false;
    }
  }

  private async findOverdue(): Promise<string | null> {
    const task = await this.waiting.overdue(IDLE_SECONDS);
    if (task !== null) await this.queue.check();
    return task;
  }

  private isIdle(): boolean {
    return this.running.count < this.settings.maxConcurrentTasks && this.running.idleMs > IDLE_SECONDS * 1000;
  }
}
