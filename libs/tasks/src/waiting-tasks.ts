import { Injectable } from '@nestjs/common';
import { Database } from '@app/database';
import type { TaskEntity } from './task.entity.js';
import { EACH_UNHELD, NOTHING_FIRST_IN_SESSION } from './task-runs.repository.js';

/** The oldest are looked at; when these are taken, the queue moves. */
const LOOKED_AT = 20;

/**
 * Tasks that a worker with free slots could take, and that nobody takes. How long one has been claimable is not
 * written anywhere (the task before it in its session may have ended a moment ago), so it is noted here when it is
 * first seen so: an answer takes two looks that lie that far apart.
 */
@Injectable()
export class WaitingTasks {
  private seenSinceMs = new Map<string, number>();

  constructor(private readonly database: Database) {}

  /** The id of a task that nobody took although it was seen claimable for so long; null when there is none. */
  async overdue(seconds: number): Promise<string | null> {
    const nowMs = performance.now();
    const tasks = await this.claimable(seconds);
    const seen = tasks.map(({ task_id, generation }) => {
      const id = `${task_id}-${generation}`;
      return { task_id, id, sinceMs: this.seenSinceMs.get(id) ?? nowMs };
    });
    this.seenSinceMs = new Map(seen.map(({ id, sinceMs }) => [id, sinceMs]));
    return seen.find(({ sinceMs }) => nowMs - sinceMs >= seconds * 1000)?.task_id ?? null;
  }

  private async claimable(seconds: number): Promise<Pick<TaskEntity, 'task_id' | 'generation'>[]> {
    const due = this.database.instant(-seconds);
    const lines = EACH_UNHELD.map((unheld) =>
      this.database.read.query<Pick<TaskEntity, 'task_id' | 'generation'>[]>(
        `SELECT task_id, generation FROM tasks WHERE ${unheld} AND cancel_requested_at IS NULL
           AND COALESCE(queued_at, created_at) <= ${due} AND (not_before IS NULL OR not_before <= ${due})
           AND ${NOTHING_FIRST_IN_SESSION}
         ORDER BY created_at, task_id LIMIT $1`,
        [LOOKED_AT],
      ),
    );
    return (await Promise.all(lines)).flat();
  }
}
