import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { LIVE_BUS, type LiveBus } from '@app/bus';
import { Settings } from '@app/config';
import { databaseError } from '@app/database';
import { EventLog, TaskRunsRepository } from '@app/tasks';
import { RunningTasks, type RunningTask } from './running-tasks.js';

/** A worker that cannot renew stops this long before others may take over: long enough to end all processes. */
const SAFETY_MS = 2000;

/**
 * Keeps the leases of the tasks that run here, and learns of cancellations and messages: quickly by the bus,
 * surely at the next heartbeat. When no heartbeat succeeds for lease − 2 s by the monotonic clock, the run is ended
 * here before another worker may start it, and nothing is written any more. A database that does not answer is the
 * same as one that refuses: a heartbeat waits for it only until the next one.
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

  /** Renews until the returned function is called. `askedAtMs`: when the claim was asked for, by the monotonic clock. */
  keep(task: RunningTask, askedAtMs: number): () => void {
    task.holdUntil(askedAtMs + this.holdMs);
    const endWatch = this.watch(task);
    let beating = false;
    const beat = async (): Promise<void> => {
      if (beating) return;
      beating = true;
      try {
        await this.renew(task);
      } catch (error) {
        if (databaseError(error)?.code === 'STORAGE_FULL') task.noteStorage('full');
        this.logger.warn({ err: error, taskId: task.claim.taskId }, 'a heartbeat failed');
      } finally {
        beating = false;
      }
    };
    const timer = setInterval(() => void beat(), this.beatMs);
    // The lease began when it was asked for: after an answer that took long, little of it is left.
    if (performance.now() - askedAtMs > this.beatMs / 2) void beat();
    return () => {
      clearInterval(timer);
      endWatch();
    };
  }

  private get holdMs(): number {
    return this.settings.leaseSeconds * 1000 - SAFETY_MS;
  }

  private get beatMs(): number {
    return this.settings.leaseSeconds * 250;
  }

  /** Fences the run in time also when nothing happens. */
  private watch(task: RunningTask): () => void {
    let timer: NodeJS.Timeout;
    const look = (): void => {
      if (task.fenced.aborted) return;
      if (task.mayWrite()) timer = setTimeout(look, Math.max(task.heldForMs, 1));
      else this.logger.error({ taskId: task.claim.taskId }, 'the lease could not be renewed; ending the run');
    };
    look();
    return () => clearTimeout(timer);
  }

  /** Renews once and learns what is new, or that the claim is lost. Throws when the database does not answer. */
  async renew(task: RunningTask): Promise<void> {
    const startedAtMs = performance.now();
    const answer = await within(this.beatMs, this.runs.heartbeat(task.claim, this.settings.leaseSeconds));
    if (!answer) return task.stop('lease_lost');
    task.holdUntil(startedAtMs + this.holdMs);
    if (answer.cancelRequested) task.stop('cancelled');
    const { seenSeq } = task.messages;
    if (answer.lastSeq <= seenSeq) return;
    const inputs = await within(this.beatMs, this.log.inputsAfter(task.claim.taskId, seenSeq));
    for (const { data } of inputs) task.give(data.message_id, data.text);
    task.messages.sawUpTo(answer.lastSeq);
  }
}

class DatabaseSilent extends Error {
  readonly code = 'ETIMEDOUT';
  override readonly message = 'the database does not answer';
}

/** A database behind a cut line lets a query hang for minutes. */
async function within<T>(limitMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new DatabaseSilent()), limitMs);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
