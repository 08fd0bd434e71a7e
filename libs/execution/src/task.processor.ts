import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Settings } from '@app/config';
import { TASK_QUEUE, type Bell, type TaskQueue } from '@app/queue';
import { WorkerPresence } from '@app/workers';
import { OrphanWatch } from './orphan-watch.js';
import { RunningTasks } from './running-tasks.js';
import { TaskRunner } from './task-runner.js';

/** Answers the queue's bells with the runner, and ends cleanly: stop claiming, drain, hand back what still runs. */
@Injectable()
export class TaskProcessor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(TaskProcessor.name);
  private readonly active = new Set<Promise<void>>();
  private draining: Promise<void> | null = null;

  constructor(
    private readonly settings: Settings,
    private readonly runner: TaskRunner,
    private readonly running: RunningTasks,
    private readonly presence: WorkerPresence,
    @Inject(TASK_QUEUE) private readonly queue: TaskQueue,
    private readonly orphans: OrphanWatch,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // What a killed predecessor left running would go on spending.
    await this.orphans.start();
    await this.queue.answer(this.settings.maxConcurrentTasks, (bell, taken) => this.answer(bell, taken));
  }

  /**
   * Takes nothing more, and resolves when nothing runs here: tasks have SHUTDOWN_GRACE_SECONDS to end, then they are
   * handed back. Heartbeats, bells and cancellations go on meanwhile. Called again, it is the same drain.
   */
  drain(): Promise<void> {
    this.draining ??= this.end();
    return this.draining;
  }

  /** Waits no longer: what runs is stopped and goes back to the queue. */
  handBack(): void {
    this.running.stopAll('shutdown');
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.drain();
  }

  /** A bell that comes while this process drains is left: the reconciler rings it again for others. */
  private async answer(bell: Bell, taken: () => void): Promise<void> {
    if (this.draining) return;
    const run = this.runner.run(bell, taken);
    this.active.add(run);
    try {
      await run;
    } finally {
      this.active.delete(run);
    }
  }

  private async end(): Promise<void> {
    await Promise.all([this.queue.stop(), this.presence.drain()]);
    if (this.active.size === 0) return;
    const { shutdownGraceSeconds } = this.settings;
    this.logger.log(`waiting up to ${shutdownGraceSeconds} s for ${this.active.size} running tasks`);
    const timer = setTimeout(() => this.handBack(), shutdownGraceSeconds * 1000);
    while (this.active.size > 0) await Promise.allSettled(this.active);
    clearTimeout(timer);
  }
}
