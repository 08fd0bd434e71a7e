import type { Reason } from './reason-codes.js';
import type { Role } from './roles.js';
import type { TaskStatus } from './task-status.js';

/** Every list: newest first where nothing else is said. */
export interface PageShape<T> {
  items: T[];
  /** Null or absent: there is nothing older. */
  next_cursor?: string | null;
}

export interface TaskLimits {
  max_turns?: number;
  max_cost_usd?: number;
  timeout_seconds?: number;
  idle_seconds?: number;
  max_deferrals?: number;
}

/** A task as the API shows it. */
export interface TaskShape {
  task_id: string;
  session_id: string | null;
  agent: string | null;
  /** Where the agent came from: user, builtin or brain. */
  agent_source: string | null;
  agent_digest: string | null;
  prompt: string | null;
  status: TaskStatus;
  status_reason: string | null;
  reason: (Reason & { code: string }) | null;
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
}

/** A key as the API shows it. */
export interface ApiKeyShape {
  key_id: string;
  name: string;
  role: Role;
  /** The last four characters of the key. */
  key_tail: string;
  created_at: string;
  expires_at: string | null;
  /** To the minute. */
  last_used_at: string | null;
  revoked_at: string | null;
}

/** A credential as everybody may see it: the secret is never given out again. */
export interface CredentialShape {
  provider: string;
  label: string;
  kind: string;
  /** The last four characters, for instance `…x7Qa`. */
  masked: string;
  source: string;
  priority: number;
  status: string;
  limited_until: string | null;
  invalid_since: string | null;
  created_at: string | null;
  created_by: string | null;
  last_used_at: string | null;
  last_verified_at: string | null;
  last_verdict: string | null;
}

/** What the provider of a credential says about it. */
export interface CredentialVerdictShape {
  provider: string;
  label: string;
  verdict: string;
  limited_until: string | null;
  checked_at: string;
  message: string;
}
