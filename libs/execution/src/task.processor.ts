import {
  Inject,
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { Settings } from '@app/config';
import type { AgentEngine } from '@app/engines';
import { TASK_QUEUE, type TaskQueue } from '@app/queue';
import { WorkerPresence } from '@app/workers';
import { AGENT_ENGINE } from './run-config.js';
import { RunningTasks } from './running-tasks.js';
import { TaskRunner } from './task-runner.js';

/** Answers the queue's bells with the runner, and ends cleanly: stop claiming, drain, hand back what still runs. */
@Injectable()
export class TaskProcessor implements OnApplicationBootstrap, BeforeApplicationShutdown {
  private readonly logger = new Logger(TaskProcessor.name);

  constructor(
    private readonly settings: Settings,
    private readonly runner: TaskRunner,
    private readonly running: RunningTasks,
    private readonly presence: WorkerPresence,
    @Inject(TASK_QUEUE) private readonly queue: TaskQueue,
    @Inject(AGENT_ENGINE) private readonly engine: AgentEngine,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    // What a killed predecessor left running would go on spending.
    const reaped = await this.engine.reapOrphans(new Set());
    if (reaped > 0) this.logger.warn(`ended ${reaped} processes that an earlier worker left behind`);
    await this.queue.answer(this.settings.maxConcurrentTasks, (bell, taken) => this.runner.run(bell, taken));
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([this.queue.stop(), this.presence.drain()]);
    const ends = this.running.all().map((task) => task.finished);
    if (ends.length === 0) return;
    const graceMs = this.settings.shutdownGraceSeconds * 1000;
    this.logger.log(`waiting up to ${this.settings.shutdownGraceSeconds} s for ${ends.length} running tasks`);
    const handBack = setTimeout(() => this.running.all().forEach((task) => task.stop('shutdown')), graceMs);
    await Promise.allSettled(ends);
    clearTimeout(handBack);
  }
}
