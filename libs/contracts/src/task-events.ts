import type { ReasonCode } from './reason-codes.js';
import type { TerminalStatus } from './task-status.js';

/**
 * The event log of a task. `seq` counts 1..n per task without a gap; it is given in the transaction that stores
 * the event, and the event is published after the commit.
 */
export type TaskEvent<T extends TaskEventType = TaskEventType> = T extends TaskEventType
  ? TaskEventOf<T>
  : never;

interface TaskEventOf<T extends TaskEventType> {
  task_id: string;
  session_id: string | null;
  seq: number;
  type: T;
  /** ISO-8601 UTC, by the clock of the writer; order is by `seq`, never by `at`. */
  at: string;
  data: TaskEventData[T];
}

/** `parent_tool_use_id` names the tool call of the subagent that produced the event; absent for the agent itself. */
interface FromAgent {
  parent_tool_use_id?: string;
}

export interface ModelUsage {
  model: string;
  input_tokens: number;
  output_tokens: number;
  cache_read_tokens: number;
  cache_write_tokens: number;
  cost_usd: number;
  /** `list_price`: an estimate by list prices, which a subscription is not billed by. */
  cost_basis: string;
}

export interface TaskEventData {
  'task.created': { agent: string | null; source: string; prompt: string };
  'task.queued': { reason?: ReasonCode; not_before?: string };
  /** Parked without a worker; it goes on by itself at `resumes_at`. */
  'task.waiting': { reason: ReasonCode; title: string; resumes_at: string };
  'task.started': {
    attempt: number;
    max_attempts: number;
    machine_id: string;
    agent: string;
    agent_source: string;
    model?: string;
    /** Whether it goes on with an existing conversation: of this task, or of an earlier one of its session. */
    resumed: boolean;
    /** Why the task runs again; absent at its first run. */
    resume_reason?: ReasonCode;
    /** The same as a sentence: what happened, and whether the conversation goes on or begins anew. */
    title?: string;
  };
  /** What the engine said at its start: the model it chose, its tools and skills. */
  'task.engine': {
    engine: string;
    version?: string;
    model: string;
    tools: string[];
    skills: string[];
    mcp_failed: string[];
  };
  /** A piece of text or thinking, in order; `message_id` names the message that will replace it. */
  'task.output': FromAgent & { kind: 'text' | 'thinking'; text: string; message_id: string };
  /** The whole text: replaces all `task.output` of the same `message_id`. */
  'task.message': FromAgent & { kind: 'text' | 'thinking'; text: string; message_id: string };
  'task.tool_started': FromAgent & { tool_use_id: string; tool: string; input: unknown };
  'task.tool_finished': FromAgent & {
    tool_use_id: string;
    is_error: boolean;
    output: string;
    detail?: unknown;
    truncated?: boolean;
  };
  'task.approval_requested': { approval_id: string; tool: string; input: unknown; reason?: string };
  'task.approval_resolved': { approval_id: string; decision: 'allow' | 'deny'; by: string; message?: string };
  'task.retrying': {
    attempt: number;
    max_attempts: number;
    delay_ms: number;
    status: number | null;
    error: string;
  };
  'task.input': { message_id: string; text: string; by: string | null };
  'task.metrics': { usage: ModelUsage[]; cost_usd: number; num_turns: number; duration_ms: number };
  /** Anything else the engine says, passed through: an unknown message is shown, never dropped, never a crash. */
  'task.note': { kind: string; text?: string; detail?: unknown };
  'task.interrupted': { by: string | null };
  'task.completed': TaskEnd;
  'task.failed': TaskEnd & { error: string };
  'task.cancelled': TaskEnd;
}

export interface TaskEnd {
  status: TerminalStatus;
  reason: ReasonCode | null;
  title?: string;
  remedy?: string;
  retryable?: boolean;
  result?: string | null;
  cost_usd: number;
  num_turns: number;
  duration_seconds: number | null;
}

export type TaskEventType = keyof TaskEventData;

const TERMINAL_TYPES: ReadonlySet<string> = new Set(['task.completed', 'task.failed', 'task.cancelled']);
export function isTerminalEvent(type: string): boolean {
  return TERMINAL_TYPES.has(type);
}

/** An event before the log gave it a place: what writers hand over. */
export type NewTaskEvent = {
  [T in TaskEventType]: { type: T; at?: string; data: TaskEventData[T] };
}[TaskEventType];
