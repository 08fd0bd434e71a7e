import { Injectable, Logger } from '@nestjs/common';
import { Settings } from '@app/config';
import { explainReason, type ReasonCode } from '@app/contracts';
import type { Bell } from '@app/queue';
import { TaskLifecycle, type ClaimedTask, type Release, type TaskEntity, type TaskOutcome } from '@app/tasks';
import { deferralOf } from './deferral.js';
import { EngineRuns, type Attempt, type Conversed } from './engine-runs.js';
import { taskFailureOf } from './error-reasons.js';
import { insist } from './insist.js';
import { LeaseKeeper } from './lease-keeper.js';
import { storyOfStart } from './run-again.js';
import { RunEnds } from './run-ends.js';
import { RunPreparation } from './run-preparation.js';
import { RunPump, type PumpEnd } from './run-pump.js';
import { RunningTask, RunningTasks, type StopCause } from './running-tasks.js';

interface WorkEnd extends Pick<PumpEnd, 'result' | 'failure'> {
  /** Goes on with the messages that wait, after an end without failure. */
  goOn?: () => Promise<WorkEnd>;
}

/** Claims a task, runs it on the engine, and writes its end once no process of it is left. */
@Injectable()
export class TaskRunner {
  private readonly logger = new Logger(TaskRunner.name);

  constructor(
    private readonly settings: Settings,
    private readonly lifecycle: TaskLifecycle,
    private readonly preparation: RunPreparation,
    private readonly runs: EngineRuns,
    private readonly pump: RunPump,
    private readonly leases: LeaseKeeper,
    private readonly running: RunningTasks,
    private readonly ends: RunEnds,
  ) {}

  /** Resolves when the task ended, was handed back, or was not ours to run. `taken`: the bell has done its work. */
  async run(bell: Pick<Bell, 'taskId' | 'generation'>, taken: () => void): Promise<void> {
    const askedAtMs = performance.now();
    const claimed = await this.lifecycle.claim(
      bell,
      this.settings.machineId ?? 'unknown',
      this.settings.leaseSeconds,
    );
    taken();
    if (!claimed) return;
    const { task } = claimed;
    let done = (): void => undefined;
    const running = new RunningTask(
      { taskId: task.task_id, fence: task.fence },
      new Promise((resolve) => (done = resolve)),
    );
    running.messages.sawUpTo(task.last_seq);
    this.running.add(running);
    const release = this.leases.keep(running, askedAtMs);
    try {
      await this.end(task, running, await this.work(claimed, running));
    } finally {
      release();
      this.running.remove(running);
      done();
    }
  }

  private work(claimed: ClaimedTask, running: RunningTask): Promise<WorkEnd> {
    const { task } = claimed;
    return this.explained(task, async () => {
      const { spec, account, agent } = await this.preparation.prepare(
        claimed,
        claimed.releasedFor ? await this.pump.messagesOf(running) : [],
      );
      if (running.stopCause) return stopped();
      const described = {
        agent: agent.name,
        agent_source: agent.source,
        agent_digest: agent.digest,
        max_attempts: task.max_attempts || agent.maxAttempts,
      };
      const resumed = spec.conversation.kind === 'resume';
      const endsAtMs = this.runs.endOf(task);
      const attempt = { task: { ...task, ...described }, running, account, endsAtMs };
      // Written while the engine's process starts, which takes a third of a second to say anything.
      const begun = this.pump.begin(running, described, {
        attempt: task.attempt,
        max_attempts: described.max_attempts,
        machine_id: this.settings.machineId ?? 'unknown',
        agent: agent.name,
        agent_source: agent.source,
        ...(spec.model ? { model: spec.model } : {}),
        resumed,
        ...storyOfStart(claimed.releasedFor, resumed),
      });
      return this.canGoOn(attempt, await this.runs.converse(attempt, spec, begun));
    });
  }

  private canGoOn(attempt: Attempt, end: Conversed): WorkEnd {
    const goOn = async (): Promise<WorkEnd> => this.canGoOn(attempt, await this.runs.goOn(attempt, end));
    return { ...end, goOn: () => this.explained(attempt.task, goOn) };
  }

  private async explained(task: TaskEntity, work: () => Promise<WorkEnd>): Promise<WorkEnd> {
    try {
      return await work();
    } catch (error) {
      const failure = taskFailureOf(error);
      if (failure) return broken(failure.reason, failure.message, failure.resetsAt);
      this.logger.error({ err: error, taskId: task.task_id }, 'a run failed by a mistake of ours');
      return broken('internal_error', 'The service made a mistake while it ran the task. Its log says more.');
    }
  }

  /**
   * What a stop from outside means wins over what the engine said about being stopped. A task is not COMPLETED while
   * something was said to it that it has not read: it goes on with that.
   */
  private async end(task: TaskEntity, running: RunningTask, work: WorkEnd): Promise<void> {
    const { messages } = running;
    for (let end = work; ;) {
      while (end.goOn && !end.failure && !running.stopCause && messages.areWaiting)
        end = withResultOf(end, await end.goOn());
      if (!end.failure && messages.areWaiting) end = { ...stopped(), result: end.result };
      const { seenSeq } = messages;
      const move = this.moveAfter(task, running.stopCause, end);
      const moved = move && (await this.ends.store(running, move, isCompletion(move) ? seenSeq : undefined));
      if (!moved && isCompletion(move) && (await this.heardMore(running, seenSeq))) continue;
      const ids = { taskId: task.task_id, sessionId: task.session_id };
      if (moved) this.logger.log({ ...ids, status: moved.task.status }, 'the run ended');
      else this.logger.warn(ids, 'the claim was lost before the end of the run was known to be stored');
      return;
    }
  }

  /** Whether it was refused because the log goes on behind what was seen of it, and not because the claim is lost. */
  private async heardMore(running: RunningTask, seenSeq: number): Promise<boolean> {
    const asked = await insist(running, () => this.leases.renew(running).then(() => true));
    return asked !== null && !running.fenced.aborted && running.messages.seenSeq > seenSeq;
  }

  /** Null: somebody else decides. What was finished in the last moment is neither begun again nor failed. */
  private moveAfter(task: TaskEntity, cause: StopCause | null, end: WorkEnd): TaskOutcome | Release | null {
    const outcome = outcomeOf(end);
    switch (cause) {
      case 'lease_lost':
        return null;
      case 'cancelled':
        return { ...outcome, status: 'CANCELLED', reason: 'cancelled_by_user', error: null };
      case 'shutdown':
        return end.failure ? HANDED_BACK : outcome;
      case 'timeout':
        return end.failure ? { ...failed('timeout'), result: end.result } : outcome;
      case 'idle':
        return end.failure ? { ...failed('idle_timeout'), result: end.result } : outcome;
      case null:
        return (end.failure && deferralOf(end.failure, task, this.settings, Date.now())) ?? outcome;
    }
  }
}

/** A message that comes late takes nothing from what the task has come to before. */
function withResultOf(before: WorkEnd, after: WorkEnd): WorkEnd {
  return { ...after, result: after.result ?? before.result };
}

function isCompletion(move: TaskOutcome | Release | null): boolean {
  return move?.status === 'COMPLETED';
}

const HANDED_BACK: Release = { status: 'QUEUED', reason: 'worker_shutdown', countsAttempt: false };

function outcomeOf(end: WorkEnd): TaskOutcome {
  if (!end.failure) return { status: 'COMPLETED', reason: null, result: end.result, error: null };
  return { ...failed(end.failure.reason, end.failure.message), result: end.result };
}

function failed(reason: ReasonCode, message?: string): TaskOutcome {
  return { status: 'FAILED', reason, result: null, error: message ?? explainReason(reason)?.title ?? reason };
}

/** Stands in for the outcome of a run that was stopped before it began, or had read all that was said; the cause of the stop replaces it. */
function stopped(): WorkEnd {
  return broken('internal_error', 'The run was stopped too early.');
}

function broken(reason: ReasonCode, message: string, resetsAt?: string): WorkEnd {
  return { result: null, failure: { reason, message, ...(resetsAt === undefined ? {} : { resetsAt }) } };
}
