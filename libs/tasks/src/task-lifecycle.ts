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
      const known = await this.tasks.findIn(manager, bell.taskId);
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
    return this.move(async (manager) =>
      (await this.runs.describe(manager, claim, run)) ? this.append(manager, claim.taskId, [event]) : null,
    );
  }

  /** Books what a turn used, with the event that tells it. Null: the claim is lost. */
  bookUsage(
    task: TaskEntity,
    claim: Claim,
    usage: ModelUsage[],
    turns: number,
    event: NewTaskEvent,
  ): Promise<Moved | null> {
    return this.move(async (manager) => {
      const events = await this.log.appendIn(manager, claim.taskId, [event], claim);
      if (!events) return null;
      const { task_id, session_id, agent } = task;
      await this.usage.add(manager, { task_id, session_id, agent }, usage, turns);
      const cost = usage.reduce((total, used) => total + used.cost_usd, 0);
      if (session_id && cost > 0) await this.sessions.addCost(manager, session_id, cost);
      return { events, bells: [] };
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
      if (!(await this.runs.release(manager, claim, release))) {
        const task = await this.tasks.findIn(manager, claim.taskId);
        return task?.cancel_requested_at ? this.finishIn(manager, claim, CANCELLED, { expiredOnly }) : null;
      }
      const task = await this.tasks.findIn(manager, claim.taskId);
      if (!task) throw new Error('a task vanished in its own transaction');
      const { events } = await this.append(manager, claim.taskId, [releaseEvent(task, release)]);
      return { events, bells: await this.outbox.add(manager, [bellOf(task)]) };
    });
  }

  /** CANCELLED at once when nobody runs it. */
  cancelQueued(taskId: string): Promise<Moved | null> {
    return this.move(async (manager) =>
      (await this.runs.cancelQueued(manager, taskId)) ? this.closeTask(manager, taskId, CANCELLED) : null,
    );
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
  ): Promise<Omit<Moved, 'task'> | null> {
    const moved = await this.runs.finish(manager, claim, outcome, options);
    return moved ? this.closeTask(manager, claim.taskId, outcome) : null;
  }

  private async closeTask(
    manager: Transaction,
    taskId: string,
    outcome: TaskOutcome,
  ): Promise<Omit<Moved, 'task'>> {
    const task = await this.tasks.findIn(manager, taskId);
    if (!task) throw new Error('a task vanished in its own transaction');
    const { events } = await this.append(manager, taskId, [endEvent(task, outcome)]);
    const next = task.session_id ? await this.runs.nextInSession(manager, task.session_id) : null;
    return { events, bells: await this.outbox.add(manager, next ? [next] : []) };
  }

  private async append(
    manager: Transaction,
    taskId: string,
    events: NewTaskEvent[],
  ): Promise<Omit<Moved, 'task'>> {
    return { events: (await this.log.appendIn(manager, taskId, events, 'its own move')) ?? [], bells: [] };
  }

  private async move(
    work: (manager: Transaction) => Promise<Omit<Moved, 'task'> | null>,
  ): Promise<Moved | null> {
    const moved = await this.database.write(async (manager) => {
      const done = await work(manager);
      const [event] = done?.events ?? [];
      const task = event ? await this.tasks.findIn(manager, event.task_id) : null;
      return done && task ? { ...done, task } : null;
    });
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
