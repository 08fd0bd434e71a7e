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

  /** Field by field: a new column is not shown by accident, and copying all but some is slow (a tenth of accepting). */
  static of(row: TaskEntity): TaskView {
    return {
      task_id: row.task_id,
      session_id: row.session_id,
      agent: row.agent,
      agent_source: row.agent_source,
      agent_digest: row.agent_digest,
      prompt: row.prompt,
      status: row.status,
      status_reason: row.status_reason,
      reason: explainReason(row.status_reason),
      source: row.source,
      metadata: row.source_metadata,
      priority: row.priority,
      not_before: row.not_before,
      resumes_at: row.status === 'WAITING' ? row.not_before : null,
      attempt: row.attempt,
      max_attempts: row.max_attempts || null,
      deferrals: row.deferrals,
      machine_id: row.lease_owner,
      cancel_requested_at: row.cancel_requested_at,
      result: row.result,
      error: row.error,
      created_at: row.created_at,
      queued_at: row.queued_at,
      started_at: row.started_at,
      completed_at: row.completed_at,
      duration_seconds: row.duration_seconds,
      num_turns: row.num_turns,
      cost_usd: row.cost_usd,
      input_tokens: row.input_tokens,
      output_tokens: row.output_tokens,
      cache_read_tokens: row.cache_read_tokens,
      cache_write_tokens: row.cache_write_tokens,
      model: row.model,
      limits: row.limits,
      last_seq: row.last_seq,
      parent_task_id: row.parent_task_id,
      flow_id: row.flow_id,
      created_by: row.created_by,
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
