import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ModelUsage } from '@app/contracts';
import { Database, givenJson, givenRows, newId, type GivenColumns } from '@app/database';
import type { MovedTask } from './run-step.js';

const COUNTED = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'cost_usd',
] as const;

const ROW = {
  metric_id: 'text',
  task_id: 'text',
  session_id: 'text',
  agent: 'text',
  model: 'text',
  input_tokens: 'bigint',
  output_tokens: 'bigint',
  cache_read_tokens: 'bigint',
  cache_write_tokens: 'bigint',
  cost_usd: 'double precision',
  cost_basis: 'text',
  at: 'text',
} as const satisfies GivenColumns;

export interface TaskUsage {
  task: Pick<MovedTask, 'task_id' | 'session_id' | 'agent'>;
  models: readonly ModelUsage[];
}

/** Tokens and cost by task and model, booked once per result of the engine. */
@Injectable()
export class UsageRepository {
  private readonly statement: string;

  constructor({ dialect }: Database) {
    const columns = Object.keys(ROW).join(', ');
    // SQLite would take the ON CONFLICT for part of a join, were it not for the WHERE.
    this.statement = `INSERT INTO metrics (${columns}) SELECT ${columns} FROM ${givenRows(dialect, ROW)} WHERE true
       ON CONFLICT (task_id, model) DO UPDATE SET
         ${COUNTED.map((column) => `${column} = metrics.${column} + excluded.${column}`).join(', ')}`;
  }

  /** Adds to the row of each task and model. A step of the caller's transaction. */
  async add(manager: EntityManager, usages: readonly TaskUsage[]): Promise<void> {
    const at = new Date().toISOString();
    const rows = new Map<string, ModelUsage & Record<string, unknown>>();
    for (const { task, models } of usages) {
      const { task_id, session_id, agent } = task;
      for (const used of models) {
        const key = `${task_id} ${used.model}`;
        const row = rows.get(key);
        // A statement may meet a row only once.
        if (row) for (const column of COUNTED) row[column] += used[column];
        else rows.set(key, { metric_id: newId(), task_id, session_id, agent, at, ...used });
      }
    }
    if (rows.size > 0) await manager.query(this.statement, [givenJson([...rows.values()])]);
  }
}
