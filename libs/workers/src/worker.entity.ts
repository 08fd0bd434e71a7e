import { Entity } from 'typeorm';
import type { ProcessRole } from '@app/config';
import type { WorkerStatus } from '@app/contracts';
import { CountColumn, IdColumn, InstantColumn, NameColumn } from '@app/database';

/** A process of the service as it last told of itself; it removes its row when it ends cleanly. */
@Entity('workers')
export class WorkerEntity {
  @IdColumn({ primary: true }) worker_id: string;
  @NameColumn() machine_id: string;
  @NameColumn() version: string;
  @NameColumn() role: ProcessRole;
  @NameColumn() status: WorkerStatus;
  @CountColumn({ default: 0 }) slots: number;
  @CountColumn({ default: 0 }) running: number;
  @InstantColumn() started_at: string;
  @InstantColumn() last_seen_at: string;
  @InstantColumn({ nullable: true }) last_claim_at: string | null;
}
