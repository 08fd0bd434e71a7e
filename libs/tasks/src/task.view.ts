import {
  explainReason,
  type TaskEvent,
  type TaskLimits,
  type TaskShape,
  type TaskStatus,
} from '@app/contracts';
import type { TaskEntity } from './task.entity.js';

/** Why the task stands where it stands, for people. */
export class ReasonView {
  code: string;
  title: string;
  remedy: string;
  /** Whether the same task may succeed when run again unchanged. */
  retryable: boolean;
}

/** A task as the API shows it. */
export class TaskView implements TaskShape {
  task_id: string;
  session_id: string | null;
  agent: string | null;
  /** Where the agent came from: user, builtin or brain. */
  agent_source: string | null;
  agent_digest: string | null;
  prompt: string | null;
  status: TaskStatus;
  status_reason: string | null;
  reason: ReasonView | null;
  source: string;
  metadata: Record<string, unknown> | null;
  priority: number;
  not_before: string | null;
  /** When a waiting task goes on by itself. */
  resumes_at: string | null;
  attempt: number;
  /** How often it may be begun when its worker is lost; null until the first start, when the agent decides. */
  max_attempts: number | null;
  /** How often it was put off because Claude could not serve it. */
  deferrals: number;
  machine_id: string | null;
  cancel_requested_at: string | null;
  result: string | null;
  error: string | null;
  created_at: string;
  queued_at: string | null;
  started_at: string | null;
  completed_at: string | null;
  duration_seconds: number | null;
  num_turns: number;
  /** US dollars by list prices: an estimate for subscriptions. */
  cost_usd: number;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  model: string | null;
  limits: TaskLimits | null;
  /** The highest seq of the task's events. */
  last_seq: number;
  parent_task_id: string | null;
  flow_id: string | null;
  created_by: string | null;

  static of(row: TaskEntity): TaskView {
    const {
      generation,
      fence,
      lease_owner,
      lease_until,
      idempotency_key,
      request_digest,
      source_metadata,
      ...shown
    } = row;
    return {
      ...shown,
      reason: explainReason(row.status_reason),
      resumes_at: row.status === 'WAITING' ? row.not_before : null,
      max_attempts: row.max_attempts || null,
      metadata: source_metadata,
      machine_id: lease_owner,
    };
  }
}

export class TaskListView {
  items: TaskView[];
  next_cursor: string | null;
}

export class TaskEventView {
  task_id: string;
  session_id: string | null;
  seq: number;
  type: string;
  at: string;
  data: object;

  static of(event: TaskEvent): TaskEventView {
    return { ...event };
  }
}

export class TaskEventListView {
  items: TaskEventView[];
}

export class InputAcceptedView {
  message_id: string;
}
