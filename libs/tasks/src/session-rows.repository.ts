import { Injectable } from '@nestjs/common';
import { Database } from '@app/database';

export interface SessionRows {
  tasks: number;
  /** Those that are stored: the clean-up of logs sets the count of a task back with them. */
  events: number;
}

/** How much a session has in the database. */
@Injectable()
export class SessionRowsRepository {
  constructor(private readonly database: Database) {}

  /** One without tasks is left out. */
  async of(sessionIds: readonly string[]): Promise<Map<string, SessionRows>> {
    if (sessionIds.length === 0) return new Map();
    const places = sessionIds.map((_, index) => `$${index + 1}`).join(', ');
    const rows = await this.database.read.query<{ session_id: string; tasks: unknown; events: unknown }[]>(
      `SELECT session_id, COUNT(*) AS tasks, SUM(last_seq) AS events FROM tasks
       WHERE session_id IN (${places}) GROUP BY session_id`,
      [...sessionIds],
    );
    return new Map(
      rows.map(({ session_id, tasks, events }) => [
        session_id,
        { tasks: Number(tasks), events: Number(events) },
      ]),
    );
  }
}
