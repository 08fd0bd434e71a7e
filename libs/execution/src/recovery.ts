import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { TASK_QUEUE, type TaskQueue } from '@app/queue';
import { TaskLifecycle, TaskRunsRepository, type TaskEntity } from '@app/tasks';

const TICK_MS = 5000;
const PAGE = 500;

/**
 * Mends what crashes leave behind. The reaper ends leases that ran out, by the database's clock: another attempt
 * when one is left, FAILED `worker_lost` otherwise. The reconciler rings for queued tasks whose bell is gone; an
 * empty Redis means that all of them are. Both may run on several machines at once: the moves are conditional.
 */
@Injectable()
export class Recovery implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Recovery.name);
  private timer: NodeJS.Timeout | null = null;
  private round: Promise<void> | null = null;

  constructor(
    private readonly lifecycle: TaskLifecycle,
    private readonly runs: TaskRunsRepository,
    @Inject(TASK_QUEUE) private readonly queue: TaskQueue,
  ) {}

  onApplicationBootstrap(): void {
    this.queue.onReconnect(() => this.tick());
    this.timer = setInterval(() => this.tick(), TICK_MS);
    this.tick();
  }

  async onModuleDestroy(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.round;
  }

  private tick(): void {
    this.round ??= this.mend()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'recovery could not finish its round'))
      .finally(() => (this.round = null));
  }

  private async mend(): Promise<void> {
    for (const task of await this.runs.expiredLeases(PAGE)) await this.reap(task);
    for (let afterId = ''; ;) {
      const bells = await this.runs.queuedAfter(afterId, PAGE);
      const last = bells.at(-1);
      if (!last) return;
      afterId = last.taskId;
      const missing = await this.queue.missing(bells);
      await this.queue.ring(missing);
    }
  }

  private async reap(task: TaskEntity): Promise<void> {
    const claim = { taskId: task.task_id, fence: task.fence };
    const moved = task.cancel_requested_at
      ? await this.lifecycle.finishLost(claim, ended('CANCELLED', 'cancelled_by_user'))
      : task.attempt < task.max_attempts
        ? await this.lifecycle.requeue(claim, 'worker_lost', { expiredOnly: true })
        : await this.lifecycle.finishLost(claim, ended('FAILED', 'worker_lost'));
    if (moved)
      this.logger.warn({ taskId: task.task_id, status: moved.task.status }, 'the worker of a task was lost');
  }
}

function ended<S extends 'CANCELLED' | 'FAILED', R extends string>(status: S, reason: R) {
  return { status, reason, result: null, error: null };
}
