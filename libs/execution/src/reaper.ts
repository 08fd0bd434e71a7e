import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common';
import {
  LostClaimsRepository,
  TaskLifecycle,
  TaskRunsRepository,
  type Claim,
  type LostTask,
  type Release,
} from '@app/tasks';
import { RunningTasks } from './running-tasks.js';

/** With LEASE_SECONDS at 12, the work of a lost worker goes on within 15 s. */
const REAP_EVERY_MS = 2000;
const PAGE = 500;
/** So often in a row a claim that was lost before its run began costs nothing: to prepare it may be what kills its workers. */
const MOST_UNBEGUN = 3;

/**
 * Ends leases that ran out, by the database's clock alone, except those that this process still holds: another attempt
 * when one is left, FAILED otherwise. It may run on several machines at once, for the moves are conditional; and what is
 * wrong with one task stops no other.
 */
@Injectable()
export class Reaper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(Reaper.name);
  private timer: NodeJS.Timeout | null = null;
  private round: Promise<void> | null = null;

  constructor(
    private readonly lifecycle: TaskLifecycle,
    private readonly runs: TaskRunsRepository,
    private readonly claims: LostClaimsRepository,
    private readonly running: RunningTasks,
  ) {}

  onApplicationBootstrap(): void {
    this.timer = setInterval(() => this.tick(), REAP_EVERY_MS);
    this.tick();
  }

  async onModuleDestroy(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await this.round;
  }

  /** One round. Rejects only when the expired leases cannot be read. */
  async reap(): Promise<void> {
    for (const task of await this.runs.expiredLeases(PAGE)) {
      try {
        await this.end(task);
      } catch (error) {
        this.logger.error(
          { err: error, taskId: task.task_id },
          'the task of a lost worker could not be moved',
        );
      }
    }
  }

  private tick(): void {
    this.round ??= this.reap()
      .catch((error: unknown) => this.logger.warn({ err: error }, 'expired leases could not be read'))
      .finally(() => (this.round = null));
  }

  private async end(task: LostTask): Promise<void> {
    if (this.isHeldHere({ taskId: task.task_id, fence: task.fence })) return;
    const moved = await this.move(task);
    if (moved)
      this.logger.warn({ taskId: task.task_id, status: moved.task.status }, 'the worker of a task was lost');
  }

  /**
   * The clock of the database jumped, or this host slept: the run is well, and its next heartbeat renews the lease. When
   * none can, it is not held here any more.
   */
  private isHeldHere({ taskId, fence }: Claim): boolean {
    const running = this.running.find(taskId);
    return running !== undefined && running.claim.fence === fence && running.mayWrite();
  }

  private async move(task: LostTask): ReturnType<TaskLifecycle['finishLost']> {
    const claim = { taskId: task.task_id, fence: task.fence };
    if (task.cancel_requested_at)
      return this.lifecycle.finishLost(claim, ended('CANCELLED', 'cancelled_by_user'));
    // Its worker is this process, which ended the run for that and could not write it down then.
    if (this.running.wasLostToFullStorage(claim))
      return this.lifecycle.finishLost(claim, ended('FAILED', 'storage_full'));
    const unbegun = await this.claims.lostUnbegun(claim, MOST_UNBEGUN + 1);
    if (unbegun > MOST_UNBEGUN) return this.lifecycle.finishLost(claim, ended('FAILED', 'crash_loop'));
    if (unbegun > 0) return this.lifecycle.release(claim, { ...LOST, countsAttempt: false });
    if (task.attempt < task.max_attempts) return this.lifecycle.release(claim, LOST);
    const reason = task.max_attempts > 1 ? 'crash_loop' : 'worker_lost';
    return this.lifecycle.finishLost(claim, ended('FAILED', reason));
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
