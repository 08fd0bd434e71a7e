import { Entity } from 'typeorm';
import type { TaskLimits, TaskStatus } from '@app/contracts';
import {
  AmountColumn,
  BigCountColumn,
  CountColumn,
  IdColumn,
  InstantColumn,
  JsonColumn,
  NameColumn,
  TextColumn,
} from '@app/database';

/** One piece of work. Rows made by hand may lack everything but the id and the status. */
@Entity('tasks')
export class TaskEntity {
  @IdColumn({ primary: true }) task_id: string;
  @IdColumn({ nullable: true }) session_id: string | null;
  @NameColumn({ nullable: true }) agent: string | null;
  @NameColumn({ nullable: true }) agent_source: string | null;
  @NameColumn({ nullable: true }) agent_digest: string | null;
  @TextColumn({ nullable: true }) prompt: string | null;
  @NameColumn() status: TaskStatus;
  @NameColumn({ nullable: true }) status_reason: string | null;
  @NameColumn() source: string;
  @JsonColumn({ nullable: true }) source_metadata: Record<string, unknown> | null;
  @CountColumn() priority: number;
  @InstantColumn({ nullable: true }) not_before: string | null;
  /** Counts how often the task was put into the queue; a bell of an older generation is void. */
  @CountColumn() generation: number;
  /** Counts the claims; only the holder of the highest may write. */
  @CountColumn() fence: number;
  /** The claims whose runs began and were not given back: a hand-back and a deferral do not count. */
  @CountColumn() attempt: number;
  /** 0: as the rules of the agent say; decided at the first start. */
  @CountColumn() max_attempts: number;
  /** What the submitter asked for as `max_attempts`; 0: nothing. A retry asks for the same, and not for what was decided. */
  @CountColumn() asked_attempts: number;
  /** How often it was put off because Claude could not serve it. */
  @CountColumn() deferrals: number;
  @NameColumn({ nullable: true }) lease_owner: string | null;
  @InstantColumn({ nullable: true }) lease_until: string | null;
  @InstantColumn({ nullable: true }) cancel_requested_at: string | null;
  @TextColumn({ nullable: true }) result: string | null;
  @TextColumn({ nullable: true }) error: string | null;
  @InstantColumn() created_at: string;
  @InstantColumn({ nullable: true }) queued_at: string | null;
  @InstantColumn({ nullable: true }) started_at: string | null;
  @InstantColumn({ nullable: true }) completed_at: string | null;
  @AmountColumn({ nullable: true }) duration_seconds: number | null;
  @CountColumn() num_turns: number;
  @AmountColumn() cost_usd: number;
  @BigCountColumn() input_tokens: number;
  @BigCountColumn() output_tokens: number;
  @BigCountColumn() cache_read_tokens: number;
  @BigCountColumn() cache_write_tokens: number;
  @NameColumn({ nullable: true }) model: string | null;
  @JsonColumn({ nullable: true }) limits: TaskLimits | null;
  @CountColumn() last_seq: number;
  @IdColumn({ nullable: true }) parent_task_id: string | null;
  @IdColumn({ nullable: true }) flow_id: string | null;
  @NameColumn({ nullable: true }) idempotency_key: string | null;
  /** Digest of the request that carried the idempotency key. */
  @NameColumn({ nullable: true }) request_digest: string | null;
  @IdColumn({ nullable: true }) created_by: string | null;
}
