import type { TaskEvent } from '@app/contracts';

/** The events `from` to `to` of a task. */
export function eventsOf(
  to: number,
  from = 1,
  task = 'task',
  session: string | null = 'session',
): TaskEvent[] {
  return Array.from({ length: Math.max(0, to - from + 1) }, (_, index) => ({
    task_id: task,
    session_id: session,
    seq: from + index,
    type: 'task.output',
    at: '2026-01-01T00:00:00.000Z',
    data: { kind: 'text', text: `word ${from + index} `, message_id: 'm' },
  }));
}

export function seqsOf(events: readonly { seq: number }[]): number[] {
  return events.map(({ seq }) => seq);
}

/** 1 to n: what a watcher must have seen. */
export function upTo(n: number): number[] {
  return Array.from({ length: n }, (_, index) => index + 1);
}

/** Lets everything run that waits for nothing outside the process. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Small, seeded, good enough to shuffle tests: a whole number from 0 up to, not including, `below`. */
export function diceOf(seed: number): (below: number) => number {
  let state = seed + 1;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}
