import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { LIVE_BUS, type LiveBus } from '@app/bus';
import { Settings } from '@app/config';
import { EventLog, TaskRunsRepository } from '@app/tasks';
import { RunningTasks, type RunningTask } from './running-tasks.js';

/** A worker that cannot renew stops this long before others may take over. */
const SAFETY_MS = 2000;

/**
 * Keeps the leases of the tasks that run here, and learns of cancellations and messages: quickly by the bus,
 * surely at the next heartbeat. When the heartbeat fails for lease − 2 s by the monotonic clock, the run is ended
 * here before another worker may start it.
 */
@Injectable()
export class LeaseKeeper implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(LeaseKeeper.name);
  private readonly subscriptions: (() => void)[] = [];

  constructor(
    private readonly settings: Settings,
    private readonly runs: TaskRunsRepository,
    private readonly log: EventLog,
    private readonly running: RunningTasks,
    @Inject(LIVE_BUS) private readonly bus: LiveBus,
  ) {}

  onApplicationBootstrap(): void {
    this.subscriptions.push(
      this.bus.subscribe('task.cancel_requested', ({ task_id }) =>
        this.running.find(task_id)?.stop('cancelled'),
      ),
      this.bus.subscribe('task.input_given', ({ task_id, message_id, text }) =>
        this.running.find(task_id)?.give(message_id, text),
      ),
    );
  }

  onModuleDestroy(): void {
    for (const end of this.subscriptions) end();
  }

  /** Renews until the returned function is called. */
  keep(task: RunningTask): () => void {
    const leaseMs = this.settings.leaseSeconds * 1000;
    let renewedAt = performance.now();
    let busy = false;
    const guard = setInterval(() => {
      if (performance.now() - renewedAt < leaseMs - SAFETY_MS) return;
      this.logger.error({ taskId: task.claim.taskId }, 'the lease could not be renewed; ending the run');
      task.stop('lease_lost');
    }, 500);
    const beat = async () => {
      if (busy) return;
      busy = true;
      const startedAt = performance.now();
      try {
        if (await this.beat(task)) renewedAt = startedAt;
      } catch (error) {
        this.logger.warn({ err: error, taskId: task.claim.taskId }, 'a heartbeat failed');
      } finally {
        busy = false;
      }
    };
    const timer = setInterval(() => void beat(), leaseMs / 4);
    return () => {
      clearInterval(guard);
      clearInterval(timer);
    };
  }

  private async beat(task: RunningTask): Promise<boolean> {
    const answer = await this.runs.heartbeat(task.claim, this.settings.leaseSeconds);
    if (!answer) {
      task.stop('lease_lost');
      return false;
    }
    if (answer.cancelRequested) task.stop('cancelled');
    for (const input of await this.log.inputsAfter(task.claim.taskId, task.inputSeq)) {
      task.give(input.data.message_id, input.data.text);
      task.inputSeq = input.seq;
    }
    return true;
  }
}
