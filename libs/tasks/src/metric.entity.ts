import { Entity } from 'typeorm';
import { AmountColumn, BigCountColumn, IdColumn, InstantColumn, NameColumn } from '@app/database';

/** What a task used of one model. */
@Entity('metrics')
export class MetricEntity {
  @IdColumn({ primary: true }) metric_id: string;
  @IdColumn() task_id: string;
  @IdColumn({ nullable: true }) session_id: string | null;
  @NameColumn({ nullable: true }) agent: string | null;
  @NameColumn() model: string;
  @BigCountColumn() input_tokens: number;
  @BigCountColumn() output_tokens: number;
  @BigCountColumn() cache_read_tokens: number;
  @BigCountColumn() cache_write_tokens: number;
  @AmountColumn() cost_usd: number;
  @NameColumn({ nullable: true }) cost_basis: string | null;
  @InstantColumn() at: string;
}
