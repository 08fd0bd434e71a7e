import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { Database, insertOf, type GivenColumns, type GivenInsert } from '@app/database';
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

  /** Nobody else changes the task before the transaction of the caller ends. SQLite has one at a time anyway. */
  async lock(manager: EntityManager, taskId: string): Promise<void> {
    if (this.database.dialect === 'sqlite') return;
    await manager.query('SELECT 1 FROM tasks WHERE task_id = $1 FOR UPDATE', [taskId]);
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

  insertOf(tasks: readonly TaskEntity[]): GivenInsert {
    const rows = tasks.map((task) => ({
      task_id: task.task_id,
      session_id: task.session_id,
      agent: task.agent,
      prompt: task.prompt,
      status: task.status,
      source: task.source,
      source_metadata: task.source_metadata && JSON.stringify(task.source_metadata),
      priority: task.priority,
      generation: task.generation,
      max_attempts: task.max_attempts,
      asked_attempts: task.asked_attempts,
      created_at: task.created_at,
      queued_at: task.queued_at,
      model: task.model,
      limits: task.limits && JSON.stringify(task.limits),
      last_seq: task.last_seq,
      parent_task_id: task.parent_task_id,
      idempotency_key: task.idempotency_key,
      request_digest: task.request_digest,
      created_by: task.created_by,
    }));
    return insertOf('tasks', NEW_TASK, rows);
  }
}
