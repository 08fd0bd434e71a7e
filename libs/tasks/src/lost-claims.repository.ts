import { Injectable } from '@nestjs/common';
import { Database } from '@app/database';
import type { Claim } from './run-step.js';
import type { TaskLogEntity } from './task-log.entity.js';

type Told = Pick<TaskLogEntity, 'type' | 'data' | 'fence'>;

/** What the log says of a claim whose worker was lost. A run writes `task.started` before the engine knows its prompt. */
@Injectable()
export class LostClaimsRepository {
  constructor(private readonly database: Database) {}

  /**
   * How many claims in a row were lost before their runs began, this one among them; counted up to `max`. 0: its run has
   * begun, and may have done anything.
   */
  async lostUnbegun({ taskId, fence }: Claim, max: number): Promise<number> {
    // Newest first, and without what people say, which may come at any time.
    const told = await this.database.read.query<Told[]>(
      `SELECT type, data, fence FROM task_logs WHERE task_id = $1 AND type <> 'task.input'
       ORDER BY seq DESC LIMIT $2`,
      [taskId, max + 1],
    );
    if (told[0]?.fence === fence) return 0;
    const others = told.findIndex((event, index) => !tellsOfLoss(event) || hasBegun(event, told[index + 1]));
    return Math.min(1 + (others === -1 ? told.length : others), max);
  }
}

/** Whether the claim that was lost had written something: it is the one before that of its loss. */
function hasBegun(loss: Told, before: Told | undefined): boolean {
  return before?.fence === loss.fence - 1;
}

function tellsOfLoss({ type, data }: Told): boolean {
  const told: unknown = JSON.parse(data);
  return (
    type === 'task.queued' &&
    typeof told === 'object' &&
    told !== null &&
    'reason' in told &&
    told.reason === 'worker_lost'
  );
}
