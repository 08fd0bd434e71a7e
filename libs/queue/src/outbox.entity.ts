import { Entity } from 'typeorm';
import { CountColumn, IdColumn, InstantColumn } from '@app/database';

/** A bell that must be rung: written in the transaction that makes the task look-worthy, deleted once it rang. */
@Entity('outbox')
export class OutboxEntity {
  @IdColumn({ primary: true }) outbox_id: string;
  @IdColumn() task_id: string;
  @CountColumn() generation: number;
  @CountColumn() priority: number;
  @InstantColumn({ nullable: true }) not_before: string | null;
  @InstantColumn() created_at: string;
}
