/**
 * All that is known about a run of the fault suite once it is over: what the client wrote down, what the engine did,
 * what was broken when, what the database holds, what watchers saw and which processes are left. Times are
 * milliseconds of the machine's monotonic clock, which all processes share.
 */
export interface History {
  client: ClientEntry[];
  runs: RunEntry[];
  faults: FaultWindow[];
  database: DatabaseDump;
  /** Null where there is no Redis. */
  jobs: { waiting: number; active: number; delayed: number } | null;
  watchers: WatcherRecording[];
  /** Processes of runs that were still there ten seconds after everything had ended. */
  survivors: { pid: number; runId: string; command: string }[];
  /** A backup taken during the run and restored elsewhere. */
  restored?: { integrity: string; database: DatabaseDump };
}

/** Each is on disk before the client does its next step. */
export type ClientEntry =
  | { kind: 'intent'; at: number; key: string }
  | { kind: 'answer'; at: number; key: string | null; node: string; request: string; answer: Answer }
  /** `refused`: nobody listened there, so that nothing was sent. */
  | {
      kind: 'no-answer';
      at: number;
      key: string | null;
      node: string;
      request: string;
      tookMs: number;
      refused: boolean;
    }
  /** A state that some reader was told. */
  | { kind: 'seen'; at: number; taskId: string; status: string };

export interface Answer {
  status: number;
  code: string | null;
  tookMs: number;
  retryAfter: string | null;
  taskId: string | null;
}

/** Written by the engine of the run. `key` is the idempotency key of the task, which its prompt carries. */
export interface RunEntry {
  at: number;
  key: string;
  runId: string;
  node: string;
  what: 'started' | 'step' | 'ended' | 'stopped';
  /** Counts the pieces of output from 1. */
  step: number;
}

/** `node` for a process that was killed (`down`) or halted (`paused`); `service` for what all nodes depend on. */
export interface FaultWindow {
  what: 'down' | 'paused' | 'redis' | 'database';
  node: string | null;
  from: number;
  /** Infinity while it lasts. */
  until: number;
}

export interface DatabaseDump {
  tasks: TaskRow[];
  log: LogRow[];
  outbox: number;
}

export interface TaskRow {
  task_id: string;
  idempotency_key: string | null;
  status: string;
  status_reason: string | null;
  fence: number;
  attempt: number;
  max_attempts: number;
  last_seq: number;
  result: string | null;
}

export interface LogRow {
  task_id: string;
  seq: number;
  type: string;
  at: string;
  /** JSON text. */
  data: string;
  fence: number;
}

/** One watcher of one task: each connection with the place it asked for and the frames it got, as they came. */
export interface WatcherRecording {
  name: string;
  taskId: string;
  /** Whether it saw the end: one that was ended early saw a beginning only. */
  finished: boolean;
  connections: { after: number; frames: Frame[] }[];
}

export interface Frame {
  seq: number;
  type: string;
  at: string;
  data: string;
}

export interface Breach {
  invariant: string;
  /** The task, key, process or request it is about. */
  subject: string;
  what: string;
}

const TERMINAL = new Set(['COMPLETED', 'FAILED', 'CANCELLED']);
export const isOver = (status: string): boolean => TERMINAL.has(status);

const END_EVENTS = new Map([
  ['task.completed', 'COMPLETED'],
  ['task.failed', 'FAILED'],
  ['task.cancelled', 'CANCELLED'],
]);
/** The state that an event tells as the last one, or null when it does not end the task. */
export const endTold = (type: string): string | null => END_EVENTS.get(type) ?? null;

export function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group) group.push(item);
    else groups.set(keyOf(item), [item]);
  }
  return groups;
}

/** The events of each task in order of their seq. */
export function logsByTask(log: readonly LogRow[]): Map<string, LogRow[]> {
  const logs = groupBy(log, (row) => row.task_id);
  for (const rows of logs.values()) rows.sort((a, b) => a.seq - b.seq);
  return logs;
}
