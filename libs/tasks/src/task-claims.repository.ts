import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import {
  changeReturning,
  columnsOf,
  Database,
  entityOf,
  givenJson,
  givenRows,
  type GivenColumns,
} from '@app/database';
import { SessionRepository, type LockedSession } from '@app/sessions';
import { TaskEntity } from './task.entity.js';
import { NOTHING_FIRST_IN_SESSION, UNHELD } from './task-runs.repository.js';

/** A worker that wants a task, as it stands in this generation. */
export interface ClaimWish {
  taskId: string;
  generation: number;
  owner: string;
  leaseSeconds: number;
}

/** A task that was just claimed, its session (null: there is none), and the reason that stood in its row before. */
export interface TakenTask {
  task: TaskEntity;
  session: LockedSession | null;
  reasonBefore: string | null;
}

/** Bells are rung by the clock of another machine, which may be a little ahead of the database's. */
const CLOCK_SLACK_SECONDS = 1;

const WISH = {
  task_id: 'text',
  wished_generation: 'integer',
  wished_by: 'text',
  lease_seconds: 'double precision',
} as const satisfies GivenColumns;

type Unheld = Pick<TaskEntity, 'task_id' | 'session_id' | 'status_reason'>;

/** QUEUED or parked → RUNNING, for any number of tasks in one transaction of the caller. */
@Injectable()
export class TaskClaimsRepository {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionRepository,
  ) {}

  /**
   * Each by the wish that names its current generation, when no other task of its session comes first. In the order of
   * the wishes; null: not to be had.
   */
  async claim(manager: EntityManager, wishes: readonly ClaimWish[]): Promise<(TakenTask | null)[]> {
    const unheld = await this.unheld(manager, wishes);
    if (unheld.size === 0) return wishes.map(() => null);
    // Two tasks of a session could otherwise be claimed at the same moment, each not seeing the other.
    const sessionIds = [...unheld.values()].flatMap(({ session_id }) => session_id ?? []);
    const sessions = await this.sessions.lock(manager, [...new Set(sessionIds)]);
    const taken = await this.take(
      manager,
      wishes.filter(({ taskId }) => unheld.has(taskId)),
    );
    return wishes.map((wish) => {
      const task = taken.get(wish.taskId);
      if (task?.generation !== wish.generation) return null;
      // When two wish for the same, one of them gets it.
      taken.delete(wish.taskId);
      return {
        task,
        session: sessions.get(task.session_id ?? '') ?? null,
        reasonBefore: unheld.get(wish.taskId)?.status_reason ?? null,
      };
    });
  }

  private async unheld(manager: EntityManager, wishes: readonly ClaimWish[]): Promise<Map<string, Unheld>> {
    const given = givenRows(this.database.dialect, { task_id: 'text' });
    const rows = await manager.query<Unheld[]>(
      `SELECT task_id, session_id, status_reason FROM tasks
       WHERE task_id IN (SELECT task_id FROM ${given}) AND ${UNHELD}`,
      [givenJson(wishes.map(({ taskId }) => ({ task_id: taskId })))],
    );
    return new Map(rows.map((row) => [row.task_id, row]));
  }

  private async take(manager: EntityManager, wishes: readonly ClaimWish[]): Promise<Map<string, TaskEntity>> {
    const { dialect } = this.database;
    const rows = await changeReturning<Record<string, unknown>>(
      manager,
      `UPDATE tasks SET status = 'RUNNING', status_reason = NULL, not_before = NULL, fence = tasks.fence + 1,
         attempt = tasks.attempt + 1, lease_owner = given.wished_by,
         lease_until = ${this.database.instant({ column: 'given.lease_seconds' })},
         started_at = COALESCE(tasks.started_at, ${this.database.instant()})
       FROM ${givenRows(dialect, WISH)}
       WHERE tasks.task_id = given.task_id AND tasks.generation = given.wished_generation
         AND ${UNHELD} AND cancel_requested_at IS NULL
         AND (not_before IS NULL OR not_before <= ${this.database.instant(CLOCK_SLACK_SECONDS)})
         AND ${NOTHING_FIRST_IN_SESSION}
       RETURNING ${columnsOf(manager, TaskEntity)}`,
      [
        givenJson(
          wishes.map(({ taskId, generation, owner, leaseSeconds }) => ({
            task_id: taskId,
            wished_generation: generation,
            wished_by: owner,
            lease_seconds: leaseSeconds,
          })),
        ),
      ],
    );
    const tasks = rows.map((row) => entityOf(manager, TaskEntity, row));
    return new Map(tasks.map((task) => [task.task_id, task]));
  }
}
