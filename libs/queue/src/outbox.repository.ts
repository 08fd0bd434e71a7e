import { Injectable } from '@nestjs/common';
import { In, type EntityManager } from 'typeorm';
import { Database, newId } from '@app/database';
import { OutboxEntity } from './outbox.entity.js';
import type { Bell } from './task-queue.js';

@Injectable()
export class OutboxRepository {
  constructor(private readonly database: Database) {}

  /** A step of the caller's transaction: the bell exists if and only if that commits. */
  async add(manager: EntityManager, bells: readonly Bell[]): Promise<OutboxEntity[]> {
    if (bells.length === 0) return [];
    const rows = bells.map((bell) => ({
      outbox_id: newId(),
      task_id: bell.taskId,
      generation: bell.generation,
      priority: bell.priority,
      not_before: bell.notBefore,
      created_at: new Date().toISOString(),
    }));
    await manager.insert(OutboxEntity, rows);
    return rows;
  }

  oldest(limit: number): Promise<OutboxEntity[]> {
    return this.database.read.find(OutboxEntity, { order: { outbox_id: 'ASC' }, take: limit });
  }

  async remove(rows: readonly OutboxEntity[]): Promise<void> {
    const ids = rows.map((row) => row.outbox_id);
    await this.database.write((manager) => manager.delete(OutboxEntity, { outbox_id: In(ids) }));
  }
}
