import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { Settings } from '@app/config';
import type { AgentEngine, RunSpec } from '@app/engines';
import type { TaskEntity } from '@app/tasks';
import { RunAccounts, type RunAccount } from './run-accounts.js';
import { AGENT_ENGINE } from './run-config.js';
import { RunPump, type PumpEnd } from './run-pump.js';
import type { RunningTask } from './running-tasks.js';

export interface Attempt {
  task: TaskEntity;
  running: RunningTask;
  account: RunAccount;
  /** By the monotonic clock: when its time is over. */
  endsAtMs: number;
}

/** How the runs of an attempt ended, and what the last of them was. */
export interface Conversed extends PumpEnd {
  spec: RunSpec;
}

/** The runs of the engine that one attempt of a task is made of. */
@Injectable()
export class EngineRuns {
  constructor(
    private readonly settings: Settings,
    private readonly accounts: RunAccounts,
    private readonly pump: RunPump,
    @Inject(AGENT_ENGINE) private readonly engine: AgentEngine,
  ) {}

  /** When the time of an attempt that begins now is over. */
  endOf(task: TaskEntity): number {
    return performance.now() + (task.limits?.timeout_seconds ?? this.settings.taskTimeoutSeconds) * 1000;
  }

  /** One run, and others with the next credential when the one of before can do no more. */
  async converse(attempt: Attempt, spec: RunSpec, begun: Promise<void>): Promise<Conversed> {
    const { running, endsAtMs } = attempt;
    const timer = setTimeout(() => running.stop('timeout'), endsAtMs - performance.now());
    try {
      return await this.converseInTime(attempt, spec, begun);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Goes on with the messages that came while a run was ending: none is lost, and none starts a new task. */
  async goOn(attempt: Attempt, end: Conversed): Promise<Conversed> {
    const spec = withMessages(attempt.running, end.spec, end);
    return spec ? this.converse(attempt, spec, Promise.resolve()) : end;
  }

  private async converseInTime(attempt: Attempt, first: RunSpec, begun: Promise<void>): Promise<Conversed> {
    const { running } = attempt;
    let spec = first;
    for (;;) {
      const end = await this.runEngine(attempt, spec, begun);
      if (running.stopCause) return { ...end, spec };
      const next = await this.accounts.after(attempt, spec, end);
      // Messages that wait are left where they are: whoever ends the task asks for them.
      if (!next.spec || running.stopCause) return { ...end, failure: next.failure ?? end.failure, spec };
      spec = next.spec;
    }
  }

  /** Nothing the engine says is written before `begun` has resolved. */
  private async runEngine(attempt: Attempt, spec: RunSpec, begun: Promise<void>): Promise<PumpEnd> {
    const run = this.engine.start(spec);
    attempt.running.attach(run);
    try {
      await begun;
      const idleMs = this.idleMsOf(attempt.task);
      return await this.pump.drain(run, { ...attempt, engineId: this.engine.id, spec, idleMs });
    } finally {
      // Also after a mistake of ours: nothing may run on unseen.
      await run.stop();
    }
  }

  private idleMsOf(task: TaskEntity): number | null {
    const seconds = task.limits?.idle_seconds ?? this.settings.idleTimeoutSeconds;
    return seconds > 0 ? seconds * 1000 : null;
  }
}

function withMessages(running: RunningTask, spec: RunSpec, end: PumpEnd): RunSpec | null {
  const prompt = running.messages.takeAll();
  const conversation = { kind: 'resume', id: end.conversationId } as const;
  return prompt ? { ...spec, runId: randomUUID(), prompt, conversation } : null;
}
