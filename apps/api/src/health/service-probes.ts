import { statfs } from 'node:fs/promises';
import { Inject, Injectable, Optional, type OnModuleInit } from '@nestjs/common';
import { AppError } from '@app/contracts';
import type { AgentEngine } from '@app/engines';
import { AGENT_ENGINE } from '@app/execution';
import { HealthChecks } from '@app/observability';
import { Paths } from '@app/paths';
import { TASK_QUEUE, type TaskQueue } from '@app/queue';

/** Below this SQLite, the event log and workspaces begin to fail. */
const LEAST_FREE_BYTES = 100_000_000;
/** Asking the engine starts its binary: what is installed does not change by the minute. */
const ENGINE_REMEMBERED_MS = { well: 600_000, unwell: 30_000 };

/** What "ready" means beside the database. A new part is one line in `onModuleInit`. */
@Injectable()
export class ServiceProbes implements OnModuleInit {
  private engineAnswer: { untilMs: number; answer: Promise<void> } | null = null;

  constructor(
    private readonly checks: HealthChecks,
    private readonly paths: Paths,
    @Inject(TASK_QUEUE) private readonly queue: TaskQueue,
    // Absent with ROLE=api.
    @Optional() @Inject(AGENT_ENGINE) private readonly engine: AgentEngine | null,
  ) {}

  onModuleInit(): void {
    this.checks.register('queue', () => this.queue.check());
    this.checks.register('storage', () => this.checkStorage());
    const { engine } = this;
    if (engine) this.checks.register('engine', () => this.rememberedEngine(engine));
  }

  private async checkStorage(): Promise<void> {
    const { bavail, bsize } = await statfs(this.paths.data);
    if (bavail * bsize < LEAST_FREE_BYTES) {
      throw new AppError('STORAGE_FULL', 'Less than 100 MB are free in DATA_DIR.');
    }
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
