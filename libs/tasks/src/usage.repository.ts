import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import type { ModelUsage } from '@app/contracts';
import { newId } from '@app/database';
import { MetricEntity } from './metric.entity.js';
import { TaskEntity } from './task.entity.js';

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
  /** Adds to the task's sums and to its row per model. A step of the caller's transaction. */
  async add(
    manager: EntityManager,
    task: Pick<TaskEntity, 'task_id' | 'session_id' | 'agent'>,
    usage: readonly ModelUsage[],
    turns: number,
  ): Promise<void> {
    for (const used of usage) await this.addModel(manager, task, used);
    const sums = Object.fromEntries(COUNTED.map((column) => [column, sum(usage, column)]));
    await manager
      .createQueryBuilder()
      .update(TaskEntity)
      .set({ ...adding(), num_turns: () => 'num_turns + :turns' })
      .setParameters({ ...sums, turns })
      .where('task_id = :taskId', { taskId: task.task_id })
      .execute();
  }

  private async addModel(
    manager: EntityManager,
    task: Pick<TaskEntity, 'task_id' | 'session_id' | 'agent'>,
    used: ModelUsage,
  ): Promise<void> {
    const { model, ...counts } = used;
    const { affected } = await manager
      .createQueryBuilder()
      .update(MetricEntity)
      .set(adding())
      .setParameters(counts)
      .where('task_id = :taskId AND model = :model', { taskId: task.task_id, model })
      .execute();
    if (affected === 1) return;
    await manager.insert(MetricEntity, {
      ...task,
      ...used,
      metric_id: newId(),
      at: new Date().toISOString(),
    });
  }
}

function adding(): Record<(typeof COUNTED)[number], () => string> {
  const add = (column: string) => () => `${column} + :${column}`;
  return {
    input_tokens: add('input_tokens'),
    output_tokens: add('output_tokens'),
    cache_read_tokens: add('cache_read_tokens'),
    cache_write_tokens: add('cache_write_tokens'),
    cost_usd: add('cost_usd'),
  };
}

function sum(usage: readonly ModelUsage[], column: (typeof COUNTED)[number]): number {
  return usage.reduce((total, used) => total + used[column], 0);
}
