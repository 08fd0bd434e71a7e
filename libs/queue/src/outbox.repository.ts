import { Injectable } from '@nestjs/common';
import { Settings } from '@app/config';
import {
  Database,
  givenJson,
  givenRows,
  insertOf,
  newId,
  type GivenColumns,
  type GivenInsert,
} from '@app/database';
import { OutboxEntity } from './outbox.entity.js';
import type { Bell } from './task-queue.js';

const ROW = {
  outbox_id: 'text',
  task_id: 'text',
  generation: 'integer',
  priority: 'integer',
  not_before: 'text',
  created_at: 'text',
} as const satisfies GivenColumns;

/**
 * Bells that are still to be rung. With Redis they are rows: Redis may be away when the task is committed. The queue of a
 * single process needs none: it rings in memory after the commit, and what a crash takes with it is rung again at the
 * next start, for every queued task.
 */
@Injectable()
export class OutboxRepository {
  readonly keepsRows: boolean;

  constructor(
    private readonly database: Database,
    settings: Settings,
  ) {
    this.keepsRows = settings.redis !== null;
  }

  rowsOf(bells: readonly Bell[]): OutboxEntity[] {
    const created_at = new Date().toISOString();
    return bells.map((bell) => ({
      outbox_id: newId(),
      task_id: bell.taskId,
      generation: bell.generation,
      priority: bell.priority,
      not_before: bell.notBefore,
      created_at,
    }));
  }

  /** For the caller's transaction: the bells exist if and only if that commits. */
  insertOf(rows: readonly OutboxEntity[]): GivenInsert {
    return insertOf('outbox', ROW, this.keepsRows ? rows : []);
  }

  oldest(limit: number): Promise<OutboxEntity[]> {
    return this.database.read.find(OutboxEntity, { order: { outbox_id: 'ASC' }, take: limit });
  }

  /** After they rang. `committed`: they are what `add` gave, and not read from the table. */
  async remove(rows: readonly OutboxEntity[], { committed }: { committed: boolean }): Promise<void> {
    if (committed && !this.keepsRows) return;
    const { dialect } = this.database;
    const given = `(SELECT outbox_id FROM ${givenRows(dialect, { outbox_id: 'text' })})`;
    // Postgres would join the whole table, with all the rows that are gone and not yet cleaned up.
    const isGiven = dialect === 'postgres' ? `= ANY(ARRAY${given})` : `IN ${given}`;
    await this.database.write((manager) =>
      manager.query(`DELETE FROM outbox WHERE outbox_id ${isGiven}`, [
        givenJson(rows.map(({ outbox_id }) => ({ outbox_id }))),
      ]),
    );
  }
}
