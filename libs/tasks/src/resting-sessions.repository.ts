import { Injectable } from '@nestjs/common';
import { isTerminal, TASK_STATUSES } from '@app/contracts';
import { Database } from '@app/database';
import { SessionRepository } from '@app/sessions';

/** As SQL: statuses that are no end. */
const UNFINISHED = TASK_STATUSES.filter((status) => !isTerminal(status))
  .map((status) => `'${status}'`)
  .join(', ');
const HAS_WORK = `EXISTS (SELECT 1 FROM tasks WHERE tasks.session_id = sessions.session_id AND tasks.status IN (${UNFINISHED}))`;

/** Sessions in which nothing happens, and that nobody is about to give something to do: for the clean-up. */
@Injectable()
export class RestingSessionsRepository {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionRepository,
  ) {}

  /** Those of them at rest, with their last activity; null: there is neither such a session nor a task of it. */
  async restingOf(sessionIds: readonly string[], before: string): Promise<Map<string, string | null>> {
    const places = sessionIds.map((_, index) => `$${index + 1}`).join(', ');
    const rows = await this.database.read.query<{ session_id: string; at: string; busy: number }[]>(
      `SELECT session_id, last_activity_at AS at, CASE WHEN ${HAS_WORK} THEN 1 ELSE 0 END AS busy
       FROM sessions WHERE session_id IN (${places})`,
      [...sessionIds],
    );
    const known = new Map(rows.map((row) => [row.session_id, row]));
    const resting = new Map<string, string | null>();
    for (const id of sessionIds) {
      const row = known.get(id);
      if (!row) resting.set(id, null);
      else if (row.busy === 0 && row.at < before) resting.set(id, row.at);
    }
    return resting;
  }

  /**
   * Does `take` in a transaction that holds the session: a new task counts itself in the session's row first, so it
   * comes before (and the session is not at rest) or after. False: it is not at rest.
   */
  async takeAtRest(sessionId: string, before: string, take: () => Promise<void>): Promise<boolean> {
    return this.database.write(async (manager) => {
      await this.sessions.lock(manager, [sessionId]);
      const [row] = await manager.query<{ busy: number }[]>(
        `SELECT CASE WHEN last_activity_at >= $1 OR ${HAS_WORK} THEN 1 ELSE 0 END AS busy
         FROM sessions WHERE session_id = $2`,
        [before, sessionId],
      );
      if (row?.busy === 1) return false;
      await take();
      return true;
    });
  }
}
