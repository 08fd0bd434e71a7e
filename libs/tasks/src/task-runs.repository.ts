import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { statesBefore, type ReasonCode } from '@app/contracts';
import { Database, givenJson, givenRows, updateReturning, type BuiltQuery } from '@app/database';
import type { Bell } from '@app/queue';
import type { Claim } from './run-step.js';
import { TaskEntity } from './task.entity.js';
import { expiredSql, overSql } from './task-times.js';

/** A place in the line of the queued tasks, which is ordered as their sessions are. */
export interface QueuePlace {
  createdAt: string;
  taskId: string;
}

export const FRONT_OF_QUEUE: QueuePlace = { createdAt: '', taskId: '' };

/** `isOverdue`: it was to ring later, and the time has come by the clock of the database. */
export interface BellInLine extends Bell {
  isOverdue: boolean;
}

/** A task whose lease ran out, with what decides what becomes of it. */
export type LostTask = Pick<
  TaskEntity,
  'task_id' | 'fence' | 'attempt' | 'max_attempts' | 'cancel_requested_at'
>;

/** How a task that runs is let go without an end. */
export interface Release {
  /** `WAITING`: parked, which people see as waiting for an instant; otherwise the same as `QUEUED`. */
  status: 'QUEUED' | 'WAITING';
  reason: ReasonCode;
  /** From when on it may be claimed again: an ISO instant, or seconds from now by the database's clock. */
  notBefore?: string | { seconds: number };
  /** Whether it counts as a deferral, of which a task has only so many. */
  countsDeferral?: boolean;
  /** Whether the attempt counts: it does when its worker was lost in a run, and not when the task was given back in order. */
  countsAttempt: boolean;
  /** Only when the lease ran out, by the database's clock. */
  expiredOnly?: boolean;
}

/**
 * The moves of a task between its states. Each is one conditional UPDATE that names the states it may come from
 * and, where a worker makes it, the fence; null says that somebody else moved first, otherwise it is the row as moved. All
 * are steps of a transaction of the caller, who stores the event of the move under the row's `last_seq`.
 */
@Injectable()
export class TaskRunsRepository {
  constructor(private readonly database: Database) {}

  /** Prolongs the lease. Null: the claim is lost. `lastSeq`: up to where the log goes. */
  async heartbeat(
    claim: Claim,
    leaseSeconds: number,
  ): Promise<{ cancelRequested: boolean; lastSeq: number } | null> {
    return this.database.write(async (manager) => {
      const { affected } = await manager
        .createQueryBuilder()
        .update(TaskEntity)
        .set({ lease_until: () => this.database.instant(leaseSeconds) })
        .where(HELD, claim)
        .execute();
      if (affected !== 1) return null;
      const row = await manager.findOneOrFail(TaskEntity, {
        where: { task_id: claim.taskId },
        select: { task_id: true, cancel_requested_at: true, last_seq: true },
      });
      return { cancelRequested: row.cancel_requested_at !== null, lastSeq: row.last_seq };
    });
  }

  /**
   * Away from its worker and not to an end. The fence moves, so the old worker can write no more; the generation moves,
   * so its bells are void. Null also when somebody asked to cancel it meanwhile: then it must end.
   */
  async release(manager: EntityManager, claim: Claim, release: Release): Promise<TaskEntity | null> {
    const update = manager
      .createQueryBuilder()
      .update(TaskEntity)
      .set({
        status: release.status,
        status_reason: release.reason,
        ...(release.notBefore ? { not_before: this.instantOf(release.notBefore) } : {}),
        ...(release.countsDeferral ? { deferrals: () => 'deferrals + 1' } : {}),
        ...(release.countsAttempt ? {} : { attempt: () => 'attempt - 1' }),
        generation: () => 'generation + 1',
        fence: () => 'fence + 1',
        queued_at: () => this.database.instant(),
        lease_owner: null,
        lease_until: null,
        ...WITH_EVENT,
      })
      .where(HELD, claim)
      .andWhere('cancel_requested_at IS NULL AND status IN (:...from)', {
        from: statesBefore(release.status),
      });
    if (release.expiredOnly) update.andWhere(expiredSql(this.database.dialect));
    return moved(manager, update);
  }

  /** The task when it was let go under this fence and nobody has taken it since. Reads in the transaction of the caller. */
  unheldIn(manager: EntityManager, taskId: string, fence: number): Promise<TaskEntity | null> {
    return manager
      .createQueryBuilder(TaskEntity, 'tasks')
      .where(`tasks.task_id = :taskId AND tasks.fence = :fence AND ${UNHELD}`, { taskId, fence })
      .getOne();
  }

  /** QUEUED or parked → CANCELLED: at once, because nobody runs it. */
  async cancelQueued(manager: EntityManager, taskId: string): Promise<TaskEntity | null> {
    const over = overSql(this.database.dialect);
    const update = manager
      .createQueryBuilder()
      .update(TaskEntity)
      .set({
        status: 'CANCELLED',
        status_reason: 'cancelled_by_user',
        completed_at: () => over.completed_at,
        duration_seconds: () => over.duration_seconds,
        lease_owner: null,
        lease_until: null,
        ...WITH_EVENT,
      })
      .where(`task_id = :taskId AND ${UNHELD}`, { taskId });
    return moved(manager, update);
  }

  /** Asks the worker that holds the task to end it; honoured at the hint or at the next heartbeat. */
  async requestCancel(manager: EntityManager, taskId: string): Promise<boolean> {
    const { affected } = await manager
      .createQueryBuilder()
      .update(TaskEntity)
      .set({ cancel_requested_at: () => `COALESCE(cancel_requested_at, ${this.database.instant()})` })
      .where("task_id = :taskId AND status IN ('RUNNING', 'WAITING')", { taskId })
      .andWhere(`NOT ${UNHELD}`)
      .execute();
    return affected === 1;
  }

  /** Tasks whose worker was silent too long, by the database's clock; in no order. */
  expiredLeases(limit: number): Promise<LostTask[]> {
    return this.database.read.query<LostTask[]>(
      `SELECT task_id, fence, attempt, max_attempts, cancel_requested_at FROM tasks
       WHERE status IN ('RUNNING', 'WAITING') AND ${expiredSql(this.database.dialect)} LIMIT $1`,
      [limit],
    );
  }

  /**
   * Those that are parked for this reason may be claimed now. Their bells are void, so that the look for missing ones,
   * every few seconds, rings for them. Returns how many there were.
   */
  async wakeParked(reason: ReasonCode): Promise<number> {
    return this.database.write(async (manager) => {
      const { affected } = await manager
        .createQueryBuilder()
        .update(TaskEntity)
        .set({ not_before: null, generation: () => 'generation + 1' })
        .where("status = 'WAITING' AND lease_until IS NULL AND status_reason = :reason", { reason })
        .andWhere(`not_before > ${this.database.instant()}`)
        .execute();
      return affected ?? 0;
    });
  }

  /** The next in line of each of the sessions, whose task has just ended. */
  async nextInSessions(manager: EntityManager, sessionIds: readonly string[]): Promise<Map<string, Bell>> {
    if (sessionIds.length === 0) return new Map();
    const rows = await manager.query<(BellRow & { session_id: string })[]>(
      `SELECT task_id, session_id, generation, priority, not_before FROM tasks WHERE task_id IN (
         SELECT (SELECT task_id FROM tasks waiting
                 WHERE waiting.session_id = given.session_id AND waiting.status = 'QUEUED'
                 ORDER BY waiting.created_at, waiting.task_id LIMIT 1)
         FROM ${givenRows(this.database.dialect, { session_id: 'text' })})`,
      [givenJson(sessionIds.map((session_id) => ({ session_id })))],
    );
    return new Map(rows.map((row) => [row.session_id, bellOf(row)]));
  }

  /** The oldest that could be claimed now, or within so many seconds. */
  async firstInLine(limit: number, aheadSeconds: number): Promise<BellInLine[]> {
    const lines = EACH_UNHELD.map((unheld) =>
      this.database.read.query<(BellRow & { is_overdue: unknown })[]>(
        `SELECT ${BELL}, (not_before <= ${this.database.instant()}) AS is_overdue
         FROM tasks WHERE ${unheld} AND cancel_requested_at IS NULL
           AND (not_before IS NULL OR not_before <= ${this.database.instant(aheadSeconds)})
           AND ${NOTHING_FIRST_IN_SESSION}
         ORDER BY created_at, task_id LIMIT $1`,
        [limit],
      ),
    );
    const rows = (await Promise.all(lines)).flat();
    return rows.map((row) => ({ ...bellOf(row), isOverdue: Boolean(row.is_overdue) }));
  }

  /** A page of the queued tasks, oldest first, behind a place in that order. */
  async queuedAfter(place: QueuePlace, limit: number): Promise<{ bells: Bell[]; next: QueuePlace | null }> {
    const rows = await this.database.read.query<(BellRow & { created_at: string })[]>(
      `SELECT ${BELL}, created_at FROM tasks WHERE status = 'QUEUED' AND (created_at, task_id) > ($1, $2)
       ORDER BY created_at, task_id LIMIT $3`,
      [place.createdAt, place.taskId, limit],
    );
    const last = rows.at(-1);
    return {
      bells: rows.map(bellOf),
      next: last ? { createdAt: last.created_at, taskId: last.task_id } : null,
    };
  }

  private instantOf(notBefore: string | { seconds: number }): string | (() => string) {
    return typeof notBefore === 'string' ? notBefore : () => this.database.instant(notBefore.seconds);
  }
}

/** A move that is told by an event of the log takes the number of that event: the row says it as `last_seq`. */
const WITH_EVENT = { last_seq: () => 'last_seq + 1' };

/** The row as it is after the move; null when somebody else moved it first. */
async function moved(manager: EntityManager, update: BuiltQuery): Promise<TaskEntity | null> {
  const [task] = await updateReturning(manager, TaskEntity, update);
  return task ?? null;
}

/**
 * In the queue, or parked: nobody holds it. A question to tasks that are known by their ids: written as a plain OR, it would
 * have SQLite go through all that wait.
 */
export const UNHELD = `(CASE WHEN tasks.status = 'QUEUED' THEN 1
  WHEN tasks.status = 'WAITING' AND tasks.lease_until IS NULL THEN 1 ELSE 0 END) = 1`;
/** The same, one status at a time: so the index gives the tasks in order, and a search for the first ends early. */
export const EACH_UNHELD = ["status = 'QUEUED'", "status = 'WAITING' AND lease_until IS NULL"];
const HELD = "task_id = :taskId AND fence = :fence AND status IN ('RUNNING', 'WAITING')";

/**
 * One task of a session at a time, in the order they were given: a conversation has one line of talk. A parked one has had
 * its turn: no queued task comes before it, however early its instant, for that comes from the clock of an api.
 */
export const NOTHING_FIRST_IN_SESSION = `NOT EXISTS (
  SELECT 1 FROM tasks other WHERE other.session_id = tasks.session_id AND other.task_id <> tasks.task_id
    AND other.status IN ('RUNNING', 'WAITING'))
AND (tasks.status = 'WAITING' OR NOT EXISTS (
  SELECT 1 FROM tasks other WHERE other.session_id = tasks.session_id
    AND other.status = 'QUEUED' AND (other.created_at, other.task_id) < (tasks.created_at, tasks.task_id)))`;

/** The same as `UNHELD`, for a row that was read. */
export function isUnheld(task: Pick<TaskEntity, 'status' | 'lease_until'>): boolean {
  return task.status === 'QUEUED' || (task.status === 'WAITING' && task.lease_until === null);
}

type BellRow = Pick<TaskEntity, 'task_id' | 'generation' | 'priority' | 'not_before'>;
const BELL = 'task_id, generation, priority, not_before';

export function bellOf(task: BellRow): Bell {
  return {
    taskId: task.task_id,
    generation: task.generation,
    priority: task.priority,
    notBefore: task.not_before,
  };
}
