import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ModelUsage } from '@app/contracts';
import { changeReturning, columnsOf, entityOf, newId } from '@app/database';
import { TaskEntity } from './task.entity.js';
import type { Claim } from './task-runs.repository.js';

const COUNTED = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cost_usd',
] as const;

/** Tokens and cost, booked once per result of the engine. */
@Injectable()
export class UsageRepository {
  /**
   * Adds to the task's sums and to its row per model; the row as it is then, with the number of the event that tells it as
   * `last_seq`. Null: the claim is lost. A step of the caller's transaction.
   */
  async add(
    manager: EntityManager,
    claim: Claim,
    usage: readonly ModelUsage[],
    turns: number,
  ): Promise<TaskEntity | null> {
    const [row] = await changeReturning<Record<string, unknown>>(
      manager,
      `UPDATE tasks SET ${COUNTED.map((column, index) => `${column} = ${column} + $${index + 1}`).join(', ')},
         num_turns = num_turns + $6, last_seq = last_seq + 1
       WHERE task_id = $7 AND fence = $8 AND status IN ('RUNNING', 'WAITING')
       RETURNING ${columnsOf(manager, TaskEntity)}`,
      [...COUNTED.map((column) => sum(usage, column)), turns, claim.taskId, claim.fence],
    );
    if (!row) return null;
    const task = entityOf(manager, TaskEntity, row);
    for (const used of usage) await this.addModel(manager, task, used);
    return task;
  }

  private async addModel(
    manager: EntityManager,
    { task_id, session_id, agent }: TaskEntity,
    used: ModelUsage,
  ): Promise<void> {
    const at = new Date().toISOString();
    const row = { metric_id: newId(), task_id, session_id, agent, at, ...used };
    const columns = Object.keys(row);
    await manager.query(
      `INSERT INTO metrics (${columns.join(', ')}) VALUES (${columns.map((_, index) => `$${index + 1}`).join(', ')})
       ON CONFLICT (task_id, model) DO UPDATE SET
         ${COUNTED.map((column) => `${column} = metrics.${column} + excluded.${column}`).join(', ')}`,
      Object.values(row),
    );
  }
}

function sum(usage: readonly ModelUsage[], column: (typeof COUNTED)[number]): number {
  return usage.reduce((total, used) => total + used[column], 0);
}
