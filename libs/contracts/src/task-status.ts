/** The states of a task, and the only moves between them. The database repeats the list in a CHECK. */
export const TASK_STATUSES = ['QUEUED', 'RUNNING', 'WAITING', 'COMPLETED', 'FAILED', 'CANCELLED'] as const;
export type TaskStatus = (typeof TASK_STATUSES)[number];

export const TERMINAL_STATUSES = [
  'COMPLETED',
  'FAILED',
  'CANCELLED',
] as const satisfies readonly TaskStatus[];
export type TerminalStatus = (typeof TERMINAL_STATUSES)[number];

/** `RUNNING → QUEUED` happens when a lease is lost or handed back. A terminal state never changes. */
export const TASK_MOVES = {
  QUEUED: ['RUNNING', 'FAILED', 'CANCELLED'],
  RUNNING: ['WAITING', 'QUEUED', 'COMPLETED', 'FAILED', 'CANCELLED'],
  WAITING: ['RUNNING', 'QUEUED', 'COMPLETED', 'FAILED', 'CANCELLED'],
  COMPLETED: [],
  FAILED: [],
  CANCELLED: [],
} as const satisfies Record<TaskStatus, readonly TaskStatus[]>;

export function isTerminal(status: TaskStatus): status is TerminalStatus {
  return TASK_MOVES[status].length === 0;
}

/** The states from which a task may move to `to`: what a conditional UPDATE names in its WHERE. */
export function statesBefore(to: TaskStatus): TaskStatus[] {
  return TASK_STATUSES.filter((from) => (TASK_MOVES[from] as readonly TaskStatus[]).includes(to));
}
