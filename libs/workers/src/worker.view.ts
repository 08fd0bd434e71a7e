import { ApiProperty } from '@nestjs/swagger';
import { WORKER_STATUSES, type WorkerShape, type WorkerStatus } from '@app/contracts';
import { PROCESS_ROLES, type ProcessRole } from '@app/config';

/** A process of the service, as it last told of itself. All instants are by the database's clock. */
export class WorkerView implements WorkerShape {
  worker_id: string;
  machine_id: string;
  version: string;

  @ApiProperty({ enum: PROCESS_ROLES })
  role: ProcessRole;

  /** DRAINING: it is shutting down, takes nothing new and ends what it runs. */
  @ApiProperty({ enum: WORKER_STATUSES })
  status: WorkerStatus;

  /** Whether it was seen within the last 15 s. */
  alive: boolean;
  /** How many tasks it runs at a time; 0 for one that only serves the API. */
  slots: number;
  running: number;
  started_at: string;
  last_seen_at: string;
  last_claim_at: string | null;
}

export class WorkerListView {
  items: WorkerView[];
  next_cursor: string | null;
}
