import { Inject, Injectable } from '@nestjs/common';
import { LIVE_BUS, type LiveBus } from '@app/bus';
import {
  explainReason,
  type ModelUsage,
  type NewTaskEvent,
  type ReasonCode,
  type TaskEvent,
  type TerminalStatus,
} from '@app/contracts';
import { Database, type Transaction } from '@app/database';
import { OutboxRelay, OutboxRepository, type Bell, type OutboxEntity } from '@app/queue';
import { SessionRepository } from '@app/sessions';
import { EventLog } from './event-log.repository.js';
import type { TaskEntity } from './task.entity.js';
import { TaskRepository } from './task.repository.js';
import { bellOf, isUnheld, TaskRunsRepository, type Claim, type Release } from './task-runs.repository.js';
import { UsageRepository } from './usage.repository.js';

export interface TaskOutcome {
  status: TerminalStatus;
  reason: ReasonCode | null;
  result: string | null;
  error: string | null;
}

const CANCELLED: TaskOutcome = {
  status: 'CANCELLED',
  reason: 'cancelled_by_user',
  result: null,
  error: null,
};

/** A task that was just claimed, and why its run before was let go; null at its first run. */
export interface ClaimedTask {
  task: TaskEntity;
  releasedFor: ReasonCode | null;
}

/** What a move wrote, told to others after the commit. */
interface Moved {
  task: TaskEntity;
  events: TaskEvent[];
  bells: OutboxEntity[];
}

/**
 * Each move of a task as one transaction: the state, the event that tells it and the bell that follows from it are
 * stored together or not at all, and told afterwards. Null means that somebody else moved the task first.
 */
@Injectable()
export class TaskLifecycle {
  constructor(
    private readonly database: Database,
    private readonly runs: TaskRunsRepository,
    private readonly tasks: TaskRepository,
    private readonly log: EventLog,
    private readonly sessions: SessionRepository,
    private readonly usage: UsageRepository,
    private readonly outbox: OutboxRepository,
    private readonly relay: OutboxRelay,
    @Inject(LIVE_BUS) private readonly bus: LiveBus,
  ) {}

  async claim(
    bell: Pick<Bell, 'taskId' | 'generation'>,
    owner: string,
    leaseSeconds: number,
  ): Promise<ClaimedTask | null> {
    const claimed = await this.database.write(async (manager) => {
      const known = await this.tasks.stateIn(manager, bell.taskId);
      if (!known || !isUnheld(known)) return null;
      // Two tasks of a session could otherwise be claimed at the same moment, each not seeing the other.
      if (known.session_id) await this.sessions.lock(manager, known.session_id);
      const task = await this.runs.claim(manager, bell, owner, leaseSeconds);
      return task && { task, releasedFor: explainReason(known.status_reason)?.code ?? null };
    });
    if (claimed) this.tellStatus(claimed.task);
    return claimed;
  }

  /** Stores what the run is made of together with its `task.started` event. False: the claim is lost. */
  start(claim: Claim, run: Partial<TaskEntity>, event: NewTaskEvent): Promise<Moved | null> {
    return this.move(async (manager) => {
      const task = await this.runs.describe(manager, claim, run);
      return task && this.told(manager, task, event);
    });
  }

  /** Books what a turn used, with the event that tells it. Null: the claim is lost. */
  bookUsage(claim: Claim, usage: ModelUsage[], turns: number, event: NewTaskEvent): Promise<Moved | null> {
    return this.move(async (manager) => {
      const task = await this.usage.add(manager, claim, usage, turns);
      if (!task) return null;
      const cost = usage.reduce((total, used) => total + used.cost_usd, 0);
      if (task.session_id && cost > 0) await this.sessions.addCost(manager, task.session_id, cost);
      return this.told(manager, task, event);
    });
  }

  /** The end of a task, by the worker that holds it; the session's next task is rung for in the same transaction. */
  finish(claim: Claim, outcome: TaskOutcome): Promise<Moved | null> {
    return this.move(async (manager) => this.finishIn(manager, claim, outcome, { expiredOnly: false }));
  }

  /** The end of a task whose worker was lost. */
  finishLost(claim: Claim, outcome: TaskOutcome): Promise<Moved | null> {
    return this.move(async (manager) => this.finishIn(manager, claim, outcome, { expiredOnly: true }));
  }

  /**
   * Lets a running task go, to be run again. Somebody may have asked to cancel it while its worker was busy with
   * something else: then it is CANCELLED, for nobody would look at the request again.
   */
  release(claim: Claim, release: Release): Promise<Moved | null> {
    const expiredOnly = release.expiredOnly === true;
    return this.move(async (manager) => {
      const task = await this.runs.release(manager, claim, release);
      if (task) return this.told(manager, task, releaseEvent(task, release), [bellOf(task)]);
      const known = await this.tasks.stateIn(manager, claim.taskId);
      return known?.cancel_requested_at ? this.finishIn(manager, claim, CANCELLED, { expiredOnly }) : null;
    });
  }

  /** CANCELLED at once when nobody runs it. */
  cancelQueued(taskId: string): Promise<Moved | null> {
    return this.move(async (manager) => {
      const task = await this.runs.cancelQueued(manager, taskId);
      return task && this.closeTask(manager, task, CANCELLED);
    });
  }

  /** Flags a running task, then hints at it. False: it is not running. */
  async requestCancel(taskId: string): Promise<boolean> {
    const flagged = await this.database.write((manager) => this.runs.requestCancel(manager, taskId));
    if (flagged) this.bus.publish('task.cancel_requested', { task_id: taskId });
    return flagged;
  }

  private async finishIn(
    manager: Transaction,
    claim: Claim,
    outcome: TaskOutcome,
    options: { expiredOnly: boolean },
  ): Promise<Moved | null> {
    const task = await this.runs.finish(manager, claim, outcome, options);
    return task && this.closeTask(manager, task, outcome);
  }

  private async closeTask(manager: Transaction, task: TaskEntity, outcome: TaskOutcome): Promise<Moved> {
    const next = task.session_id ? await this.runs.nextInSession(manager, task.session_id) : null;
    return this.told(manager, task, endEvent(task, outcome), next ? [next] : []);
  }

  /** Stores the event of a move that has just been made, and the bells that follow from it. */
  private async told(
    manager: Transaction,
    task: TaskEntity,
    event: NewTaskEvent,
    bells: readonly Bell[] = [],
  ): Promise<Moved> {
    const [events = []] = await this.log.insert(manager, [
      { task, events: [event], firstSeq: task.last_seq },
    ]);
    return { task, events, bells: await this.outbox.add(manager, bells) };
  }

  private async move(work: (manager: Transaction) => Promise<Moved | null>): Promise<Moved | null> {
    const moved = await this.database.write(work);
    if (!moved) return null;
    this.log.publish(moved.events);
    if (moved.events.some((event) => event.type !== 'task.metrics')) this.tellStatus(moved.task);
    if (moved.bells.length > 0) this.relay.wake(moved.bells);
    return moved;
  }

  private tellStatus(task: TaskEntity): void {
    this.bus.publish('task.status', {
      task_id: task.task_id,
      session_id: task.session_id,
      status: task.status,
      status_reason: task.status_reason,
      head: task.last_seq,
      at: new Date().toISOString(),
    });
  }
}

function releaseEvent(task: TaskEntity, { status, reason }: Release): NewTaskEvent {
  if (status === 'WAITING' && task.not_before) {
    const title = explainReason(reason)?.title ?? reason;
    return { type: 'task.waiting', data: { reason, title, resumes_at: task.not_before } };
  }
  return {
    type: 'task.queued',
    data: { reason, ...(task.not_before ? { not_before: task.not_before } : {}) },
  };
}

function endEvent(task: TaskEntity, outcome: TaskOutcome): NewTaskEvent {
  const explained = explainReason(outcome.reason);
  const end = {
    status: outcome.status,
    reason: outcome.reason,
    ...(explained
      ? { title: explained.title, remedy: explained.remedy, retryable: explained.retryable }
      : {}),
    result: outcome.result,
    cost_usd: task.cost_usd,
    num_turns: task.num_turns,
    duration_seconds: task.duration_seconds,
  };
  switch (outcome.status) {
    case 'COMPLETED':
      return { type: 'task.completed', data: end };
    case 'CANCELLED':
      return { type: 'task.cancelled', data: end };
    case 'FAILED':
      return {
        type: 'task.failed',
        data: { ...end, error: outcome.error ?? explained?.title ?? 'The task failed' },
      };
  }
}
