import type { Reason, Role, TaskStatus } from '@app/contracts';

/** What the command line reads of the API's answers; docs/api has the whole of them. */
export interface Page<T> {
  items: T[];
  next_cursor?: string | null;
}

export interface Task {
  task_id: string;
  session_id: string | null;
  agent: string | null;
  prompt: string | null;
  status: TaskStatus;
  reason: (Reason & { code: string }) | null;
  result: string | null;
  error: string | null;
  created_at: string;
  duration_seconds: number | null;
  num_turns: number;
  cost_usd: number;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  model: string | null;
}

export interface Key {
  key_id: string;
  name: string;
  role: Role;
  key_tail: string;
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
  revoked_at: string | null;
}

export interface StoredCredential {
  provider: string;
  kind: string;
  masked: string;
  source: string;
  status: string;
}

export interface Agent {
  name: string;
  source: string;
  description?: string | null;
}
