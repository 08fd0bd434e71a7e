import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, insertGiven, type GivenColumns } from '@app/database';
import { TaskEntity } from './task.entity.js';

export type TaskState = Pick<
  TaskEntity,
  'session_id' | 'status' | 'status_reason' | 'lease_until' | 'cancel_requested_at'
>;

/** What a new task says; the other columns have their defaults. */
const NEW_TASK = {
  task_id: 'text',
  session_id: 'text',
  agent: 'text',
  prompt: 'text',
  status: 'text',
  source: 'text',
  source_metadata: 'text',
  priority: 'integer',
  generation: 'integer',
  max_attempts: 'integer',
  asked_attempts: 'integer',
  created_at: 'text',
  queued_at: 'text',
  model: 'text',
  limits: 'text',
  last_seq: 'integer',
  parent_task_id: 'text',
  idempotency_key: 'text',
  request_digest: 'text',
  created_by: 'text',
} as const satisfies GivenColumns;

/** Tasks one by one, and counted. Lists are in `task-list.repository`, moves of state in `task-runs.repository`. */
@Injectable()
export class TaskRepository {
  constructor(private readonly database: Database) {}

  find(taskId: string): Promise<TaskEntity | null> {
    return this.database.read.findOneBy(TaskEntity, { task_id: taskId });
  }

  /** Reads in the transaction of the caller. */
  async stateIn(manager: EntityManager, taskId: string): Promise<TaskState | null> {
    const [state] = await manager.query<TaskState[]>(
      `SELECT session_id, status, status_reason, lease_until, cancel_requested_at FROM tasks WHERE task_id = $1`,
      [taskId],
    );
    return state ?? null;
  }

  findByIdempotencyKey(key: string): Promise<TaskEntity | null> {
    return this.database.read.findOneBy(TaskEntity, { idempotency_key: key });
  }

  ofSession(sessionId: string): Promise<Pick<TaskEntity, 'task_id' | 'status' | 'last_seq'>[]> {
    return this.database.read.find(TaskEntity, {
      where: { session_id: sessionId },
      select: { task_id: true, status: true, last_seq: true },
      order: { created_at: 'ASC', task_id: 'ASC' },
    });
  }

  /** How many wait; counting ends at `max`. */
  async countQueued(max: number): Promise<number> {
    const [row] = await this.database.read.query<{ count: number | string }[]>(
      "SELECT COUNT(*) AS count FROM (SELECT 1 FROM tasks WHERE status = 'QUEUED' LIMIT $1) waiting",
      [max],
    );
    return Number(row?.count);
  }

  async insert(manager: EntityManager, tasks: readonly TaskEntity[]): Promise<void> {
    const rows = tasks.map((task) => ({
      ...task,
      source_metadata: task.source_metadata && JSON.stringify(task.source_metadata),
      limits: task.limits && JSON.stringify(task.limits),
    }));
    await insertGiven(manager, 'tasks', NEW_TASK, rows);
  }
}
