import { Entity } from 'typeorm';
import { AmountColumn, CountColumn, IdColumn, InstantColumn, NameColumn, TextColumn } from '@app/database';

/** A conversation with a workspace. Property names are the columns and the wire. */
@Entity('sessions')
export class SessionEntity {
  @IdColumn({ primary: true }) session_id: string;
  @NameColumn({ nullable: true }) title: string | null;
  @NameColumn({ nullable: true }) agent: string | null;
  @NameColumn({ default: 'ACTIVE' }) status: string;
  @NameColumn({ default: 'claude-code' }) engine: string;
  /** The id of the conversation inside the engine; null until the engine has answered once. */
  @IdColumn({ nullable: true }) engine_session_id: string | null;
  @TextColumn({ nullable: true }) repository: string | null;
  @NameColumn({ nullable: true }) base_ref: string | null;
  @TextColumn({ nullable: true }) workspace: string | null;
  @NameColumn({ nullable: true }) machine_id: string | null;
  @IdColumn({ nullable: true }) created_by: string | null;
  @CountColumn({ default: 0 }) total_tasks: number;
  @AmountColumn({ default: 0 }) total_cost_usd: number;
  @InstantColumn() created_at: string;
  @InstantColumn() last_activity_at: string;
}
