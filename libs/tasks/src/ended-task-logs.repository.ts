import { Injectable } from '@nestjs/common';
import { TERMINAL_STATUSES } from '@app/contracts';
import { Database } from '@app/database';

const PAGE = 100;
const ENDED = TERMINAL_STATUSES.map((status) => `'${status}'`).join(', ');

interface EndedLog {
  task_id: string;
  created_at: string;
  completed_at: string;
  bytes: number;
}

/** The event logs of tasks that have ended, for the clean-up. Of a task it removes all events, or none. */
@Injectable()
export class EndedTaskLogsRepository {
  constructor(private readonly database: Database) {}

  /** Oldest first, in the order in which tasks were made, so that pages need no offset. */
  async endedBefore(before: string, behind: EndedLog | null): Promise<EndedLog[]> {
    const rows = await this.database.read.query<(EndedLog & { bytes: number | string | null })[]>(
      `SELECT t.task_id, t.created_at, t.completed_at,
         (SELECT SUM(LENGTH(l.data)) FROM task_logs l WHERE l.task_id = t.task_id) AS bytes
       FROM tasks t
       WHERE (t.created_at, t.task_id) > ($1, $2) AND t.created_at < $3 AND t.completed_at < $4
         AND t.status IN (${ENDED}) AND t.last_seq > 0
       ORDER BY t.created_at, t.task_id LIMIT ${PAGE}`,
      [behind?.created_at ?? '', behind?.task_id ?? '', before, before],
    );
    return rows.map((row) => ({ ...row, bytes: Number(row.bytes ?? 0) }));
  }

  async forget(taskIds: readonly string[]): Promise<void> {
    const places = taskIds.map((_, index) => `$${index + 1}`).join(', ');
    await this.database.write(async (manager) => {
      // A log without events says so by its length, and stays one that goes from 1 to n.
      await manager.query(
        `UPDATE tasks SET last_seq = 0 WHERE task_id IN (${places}) AND status IN (${ENDED})`,
        [...taskIds],
      );
      await manager.query(
        `DELETE FROM task_logs WHERE task_id IN (${places})
         AND EXISTS (SELECT 1 FROM tasks t WHERE t.task_id = task_logs.task_id AND t.last_seq = 0)`,
        [...taskIds],
      );
    });
  }
}
