import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { AgentCatalog } from '@app/agents';
import { AppError } from '@app/contracts';
import { TASK_QUEUE, type TaskQueue } from '@app/queue';
import { TaskLifecycle, TaskRunsRepository, type Release, type TaskEntity } from '@app/tasks';

/** With LEASE_SECONDS at 12, the work of a lost worker goes on within 15 s. */
const REAP_EVERY_MS = 2000;
const RECONCILE_EVERY_MS = 5000;
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
  private reconciledAtMs = -Infinity;
  private round: Promise<void> | null = null;

  constructor(
    private readonly lifecycle: TaskLifecycle,
    private readonly runs: TaskRunsRepository,
    private readonly agents: AgentCatalog,
    @Inject(TASK_QUEUE) private readonly queue: TaskQueue,
  ) {}

  onApplicationBootstrap(): void {
    this.queue.onReconnect(() => {
      this.reconciledAtMs = -Infinity;
      this.tick();
    });
    this.timer = setInterval(() => this.tick(), REAP_EVERY_MS);
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
    const nowMs = performance.now();
    if (nowMs - this.reconciledAtMs < RECONCILE_EVERY_MS) return;
    await this.reconcile();
    this.reconciledAtMs = nowMs;
  }

  private async reconcile(): Promise<void> {
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
    const maxAttempts = task.max_attempts || (await this.maxAttemptsOf(task.agent));
    const moved = task.cancel_requested_at
      ? await this.lifecycle.finishLost(claim, ended('CANCELLED', 'cancelled_by_user'))
      : task.attempt < maxAttempts
        ? await this.lifecycle.release(claim, LOST)
        : await this.lifecycle.finishLost(
            claim,
            ended('FAILED', maxAttempts > 1 ? 'crash_loop' : 'worker_lost'),
          );
    if (moved)
      this.logger.warn({ taskId: task.task_id, status: moved.task.status }, 'the worker of a task was lost');
  }

  /** The worker was lost before it could write down what the agent allows. */
  private async maxAttemptsOf(agent: string | null): Promise<number> {
    try {
      return (await this.agents.attemptsPolicy(await this.agents.get(agent))).maxAttempts;
    } catch (error) {
      if (error instanceof AppError) return 1;
      throw error;
    }
  }
}

const LOST: Release = {
  status: 'QUEUED',
  reason: 'worker_lost',
  countsAttempt: true,
  expiredOnly: true,
};

function ended<S extends 'CANCELLED' | 'FAILED', R extends string>(status: S, reason: R) {
  return { status, reason, result: null, error: null };
}
