import type { ErrorCode } from './error-codes.js';
import type { TaskEvent } from './task-events.js';
import type { TaskStatus } from './task-status.js';

/** The Socket.IO namespace. Handshake: `auth: {key}` or the login cookie. */
export const LIVE_NAMESPACE = '/live';

export type Ack<T> = (reply: ({ ok: true } & T) | { ok: false; code: ErrorCode; message: string }) => void;

export interface WatchedTask {
  task_id: string;
  status: TaskStatus;
  /** The highest seq stored: a watcher that has it has everything. */
  head: number;
}

export interface ClientToServerEvents {
  /** Sends all events of the session's tasks after the given seqs (0 where none is given), tasks to come included. */
  'session.watch': (
    request: { session_id: string; after?: Record<string, number> },
    ack: Ack<{ tasks: WatchedTask[]; pending_approvals: string[] }>,
  ) => void;
  'task.watch': (request: { task_id: string; after_seq?: number }, ack: Ack<WatchedTask>) => void;
  /** Status changes of all tasks. */
  'feed.watch': (request: Record<string, never>, ack: Ack<object>) => void;
  unwatch: (request: { session_id?: string; task_id?: string; feed?: boolean }, ack: Ack<object>) => void;
  'task.input': (request: { task_id: string; text: string }, ack: Ack<{ message_id: string }>) => void;
  'task.stop': (request: { task_id: string }, ack: Ack<{ status: TaskStatus }>) => void;
}

export interface TaskStatusMessage {
  task_id: string;
  session_id: string | null;
  status: TaskStatus;
  status_reason: string | null;
  head: number;
  at: string;
}

export interface ServerToClientEvents {
  /** In order, no gap, no repeat, from the requested seq + 1. */
  'task.event': (event: TaskEvent) => void;
  'task.status': (message: TaskStatusMessage) => void;
  /** Every 5 s for each watched task that still runs, so that a lost tail is noticed. */
  head: (message: { task_id: string; seq: number }) => void;
}
