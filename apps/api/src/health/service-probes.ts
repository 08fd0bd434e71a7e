import { Inject, Injectable, Optional, type OnModuleInit } from '@nestjs/common';
import { AppError } from '@app/contracts';
import type { AgentEngine } from '@app/engines';
import { AGENT_ENGINE } from '@app/execution';
import { HealthChecks } from '@app/observability';
import { TASK_QUEUE, type TaskQueue } from '@app/queue';
import { WaitingTasks } from '@app/tasks';
import { ALIVE_SECONDS, WorkerRepository } from '@app/workers';

/** A claim takes milliseconds. What waits this long beside a worker that has room is not being taken. */
const OVERDUE_SECONDS = 20;
/** Asking the engine starts its binary: what is installed does not change by the minute. */
const ENGINE_REMEMBERED_MS = { well: 600_000, unwell: 30_000 };

/** What "ready" means beside the database. A new part is one line in `onModuleInit`. */
@Injectable()
export class ServiceProbes implements OnModuleInit {
  private engineAnswer: { untilMs: number; answer: Promise<void> } | null = null;

  constructor(
    private readonly checks: HealthChecks,
    @Inject(TASK_QUEUE) private readonly queue: TaskQueue,
    private readonly workers: WorkerRepository,
    private readonly waiting: WaitingTasks,
    // Absent with ROLE=api.
    @Optional() @Inject(AGENT_ENGINE) private readonly engine: AgentEngine | null,
  ) {}

  onModuleInit(): void {
    this.checks.register('queue', () => this.queue.check());
    this.checks.register('workers', () => this.checkWorkers());
    const { engine } = this;
    if (engine) this.checks.register('engine', () => this.rememberedEngine(engine));
  }

  private async checkWorkers(): Promise<void> {
    if ((await this.workers.countClaiming()) === 0) {
      throw new AppError(
        'NOT_READY',
        `No worker was seen within ${ALIVE_SECONDS} s. Tasks are accepted and wait. Start one with \`claude-agent worker\`.`,
      );
    }
    const [idle] = await this.workers.idleFor(OVERDUE_SECONDS);
    if (!idle || (await this.waiting.overdue(OVERDUE_SECONDS)) === null) return;
    throw new AppError(
      'NOT_READY',
      `Tasks wait although worker ${idle.machine_id} has free slots. Look at its log, then restart it.`,
    );
  }

  private rememberedEngine(engine: AgentEngine): Promise<void> {
    const nowMs = performance.now();
    if (this.engineAnswer && nowMs < this.engineAnswer.untilMs) return this.engineAnswer.answer;
    const asked = { untilMs: nowMs + ENGINE_REMEMBERED_MS.well, answer: askEngine(engine) };
    asked.answer.catch(() => (asked.untilMs = performance.now() + ENGINE_REMEMBERED_MS.unwell));
    this.engineAnswer = asked;
    return asked.answer;
  }
}

async function askEngine(engine: AgentEngine): Promise<void> {
  const answer = await engine.check();
  if (!answer.ok) throw new AppError('NOT_READY', answer.problem);
}
