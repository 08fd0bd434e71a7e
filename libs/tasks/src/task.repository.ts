import { Injectable } from '@nestjs/common';
import type { EntityManager, SelectQueryBuilder } from 'typeorm';
import type { TaskStatus } from '@app/contracts';
import {
  after,
  Database,
  insertGiven,
  page,
  type GivenColumns,
  type Page,
  type PageRequest,
} from '@app/database';
import { TaskEntity } from './task.entity.js';

export interface TaskFilter {
  status?: TaskStatus;
  agent?: string;
  session_id?: string;
  source?: string;
  /** Text that the prompt contains, literally. */
  q?: string;
  /** ISO instant: created at or after. */
  since?: string;
}

export type TaskState = Pick<
  TaskEntity,
  'session_id' | 'status' | 'status_reason' | 'lease_until' | 'cancel_requested_at'
>;

const EXACT = ['status', 'agent', 'session_id', 'source'] as const;

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

/** Tasks as people see them: what is asked for, listed and counted. Moves of state are in `task-runs.repository`. */
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

  async list(filter: TaskFilter, request: PageRequest): Promise<Page<TaskEntity>> {
    const query = this.database.read.createQueryBuilder(TaskEntity, 'task');
    applyFilter(query, filter);
    after(query, 'task', 'task_id', request);
    return page(await query.getMany(), request.limit, (row) => [row.created_at, row.task_id]);
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

function applyFilter(query: SelectQueryBuilder<TaskEntity>, filter: TaskFilter): void {
  for (const column of EXACT) {
    if (filter[column] !== undefined)
      query.andWhere(`task.${column} = :${column}`, { [column]: filter[column] });
  }
  if (filter.since !== undefined) query.andWhere('task.created_at >= :since', { since: filter.since });
  if (filter.q !== undefined) {
    const pattern = `%${filter.q.toLowerCase().replace(/[\\%_]/g, '\\$&')}%`;
    query.andWhere("LOWER(task.prompt) LIKE :pattern ESCAPE '\\'", { pattern });
  }
}
