import { Inject, Injectable } from '@nestjs/common';
import { LIVE_BUS, type LiveBus } from '@app/bus';
import { explainReason, type NewTaskEvent, type ReasonCode } from '@app/contracts';
import { Database, insertGiven, WriteBatches, type Transaction } from '@app/database';
import { OutboxRelay, OutboxRepository, type Bell } from '@app/queue';
import type { LockedSession } from '@app/sessions';
import { EventLog } from './event-log.repository.js';
import {
  endEvent,
  type Claim,
  type EndCondition,
  type Moved,
  type MovedTask,
  type RunDescription,
  type RunNews,
  type RunStep,
  type TaskOutcome,
} from './run-step.js';
import { RunSteps } from './run-steps.js';
import { TaskClaimsRepository, type ClaimWish, type TakenTask } from './task-claims.repository.js';
import type { TaskEntity } from './task.entity.js';
import { TaskRepository } from './task.repository.js';
import { bellOf, TaskRunsRepository, type Release } from './task-runs.repository.js';

const CANCELLED: TaskOutcome = {
  status: 'CANCELLED',
  reason: 'cancelled_by_user',
  result: null,
  error: null,
};

/** A task that was just claimed, its session, and why its run before was let go; null at its first run. */
export interface ClaimedTask {
  task: TaskEntity;
  session: LockedSession | null;
  releasedFor: ReasonCode | null;
}

const CLAIMS = { largest: 200, atOnce: 3, patienceMs: 20 };

/**
 * Each move of a task as one transaction: the state, the event that tells it and the bell that follows from it are
 * stored together or not at all, and told afterwards. Null means that somebody else moved the task first.
 */
@Injectable()
export class TaskLifecycle {
  private readonly claims = new WriteBatches<ClaimWish, TakenTask | null>(CLAIMS, (wishes) =>
    this.database.write((manager) => this.claiming.claim(manager, wishes)),
  );

  constructor(
    private readonly database: Database,
    private readonly claiming: TaskClaimsRepository,
    private readonly steps: RunSteps,
    private readonly runs: TaskRunsRepository,
    private readonly tasks: TaskRepository,
    private readonly log: EventLog,
    private readonly outbox: OutboxRepository,
    private readonly relay: OutboxRelay,
    @Inject(LIVE_BUS) private readonly bus: LiveBus,
  ) {}

  async claim(
    { taskId, generation }: Pick<Bell, 'taskId' | 'generation'>,
    owner: string,
    leaseSeconds: number,
  ): Promise<ClaimedTask | null> {
    const taken = await this.claims.store({ taskId, generation, owner, leaseSeconds });
    if (!taken) return null;
    this.tellStatus(taken.task);
    const { task, session } = taken;
    return { task, session, releasedFor: explainReason(taken.reasonBefore)?.code ?? null };
  }

  /**
   * Stores what the run is made of together with its `task.started` event. Null: the claim is lost. `again`: the answer to
   * an earlier try was lost; what that has stored is not stored twice.
   */
  start(
    claim: Claim,
    description: RunDescription,
    event: NewTaskEvent,
    again = false,
  ): Promise<Moved | null> {
    return this.step({ kind: 'begin', claim, description, event, again });
  }

  /** Stores what the run tells while it goes on. Null: the claim is lost. `again`: as above. */
  goOn(claim: Claim, news: RunNews, again = false): Promise<Moved | null> {
    return this.step({ kind: 'go on', claim, news, again });
  }

  /**
   * The end of a task, by the worker that holds it; the session's next task is rung for in the same transaction. With
   * `seenSeq` it is refused, like that of a lost claim, when the log goes on behind that number.
   */
  finish(claim: Claim, outcome: TaskOutcome, seenSeq?: number): Promise<Moved | null> {
    const condition: EndCondition =
      seenSeq === undefined ? { kind: 'always' } : { kind: 'seen', seq: seenSeq };
    return this.step({ kind: 'end', claim, outcome, condition });
  }

  /** The end of a task whose worker was lost. */
  finishLost(claim: Claim, outcome: TaskOutcome): Promise<Moved | null> {
    return this.step({ kind: 'end', claim, outcome, condition: { kind: 'expired' } });
  }

  /**
   * Lets a running task go, to be run again. Somebody may have asked to cancel it while its worker was busy with
   * something else: then it is CANCELLED, for nobody would look at the request again.
   */
  async release(claim: Claim, release: Release): Promise<Moved | null> {
    const moved = await this.database.write(async (manager) => {
      const task = await this.runs.release(manager, claim, release);
      if (task) return this.stored(manager, task, releaseEvent(task, release), [bellOf(task)]);
      const known = await this.tasks.stateIn(manager, claim.taskId);
      if (!known?.cancel_requested_at) return null;
      const condition: EndCondition = { kind: release.expiredOnly ? 'expired' : 'always' };
      const end: RunStep = { kind: 'end', claim, outcome: CANCELLED, condition };
      return (await this.steps.storeIn(manager, [end]))[0] ?? null;
    });
    if (moved) this.tell(moved, { newState: true });
    return moved;
  }

  /**
   * Tells of an end or a release by the holder of a claim whose answer was lost, when it was stored. Writes nothing, so it
   * may be asked at any time. Null: it was not stored and will not be, or others have moved the task since and tell of that.
   */
  async tellStored(claim: Claim, move: TaskOutcome | Release): Promise<Moved | null> {
    const release = 'countsAttempt' in move ? move : null;
    const outcome = 'countsAttempt' in move ? CANCELLED : move;
    const moved = await this.database.write(async (manager) => {
      // First, because it waits for a transaction that may still be under way.
      const ended = await this.steps.endIn(manager, {
        kind: 'end',
        claim,
        outcome,
        condition: { kind: 'always' },
      });
      return ended ?? (release && (await this.releasedIn(manager, claim, release)));
    });
    if (!moved) return null;
    this.tell(moved, { newState: true });
    // Its bells are in the table.
    this.relay.wake();
    return moved;
  }

  /**
   * CANCELLED at once when nobody holds it; else flagged, which the worker honours at the hint or at its next heartbeat.
   * False: it has ended, or there is no such task.
   */
  async requestCancel(taskId: string): Promise<boolean> {
    let flagged = false;
    const cancelled = await this.database.write(async (manager) => {
      // Workers may hand it on at any moment, and between two questions it would be neither queued nor held.
      await this.tasks.lock(manager, taskId);
      const task = await this.runs.cancelQueued(manager, taskId);
      if (!task) {
        flagged = await this.runs.requestCancel(manager, taskId);
        return null;
      }
      const next = await this.runs.nextInSessions(manager, task.session_id ? [task.session_id] : []);
      return this.stored(manager, task, endEvent(task, CANCELLED), [...next.values()]);
    });
    if (flagged) this.bus.publish('task.cancel_requested', { task_id: taskId });
    if (cancelled) this.tell(cancelled, { newState: true });
    return flagged || cancelled !== null;
  }

  private async step(step: RunStep): Promise<Moved | null> {
    const moved = await this.steps.store(step);
    if (moved) this.tell(moved, { newState: step.kind !== 'go on' });
    return moved;
  }

  /** The task as it was let go, when nobody has taken it since. */
  private async releasedIn(manager: Transaction, claim: Claim, release: Release): Promise<Moved | null> {
    const task = await this.runs.unheldIn(manager, claim.taskId, claim.fence + 1);
    const events = task && (await this.log.lastIn(manager, task, [releaseEvent(task, release)]));
    return task && events && { task, events, bells: [] };
  }

  private async stored(
    manager: Transaction,
    task: TaskEntity,
    event: NewTaskEvent,
    bells: readonly Bell[],
  ): Promise<Moved> {
    const log = this.log.number([{ task, events: [event], firstSeq: task.last_seq }]);
    const outbox = this.outbox.rowsOf(bells);
    await insertGiven(manager, log.insert, this.outbox.insertOf(outbox));
    return { task, events: log.events[0] ?? [], bells: outbox };
  }

  private tell({ task, events, bells }: Moved, { newState }: { newState: boolean }): void {
    this.log.publish(events);
    if (newState) this.tellStatus(task);
    if (bells.length > 0) this.relay.wake(bells);
  }

  private tellStatus(task: MovedTask): void {
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
