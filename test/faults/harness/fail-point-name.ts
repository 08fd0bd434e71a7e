export type Side = 'before' | 'after';
export const SIDES: readonly Side[] = ['before', 'after'];

/** What a clock makes the service write comes at any time: it is counted only by a point that names it. */
export const BY_THE_CLOCK: readonly string[] = [
  'task-runs.repository.heartbeat',
  'task-runs.repository.wakeParked',
  'worker.repository.tell',
  'worker.repository.forgetOld',
];

/** Which write of a node is its last one. */
export interface FailPoint {
  /** Counted from the start of the process, or from the signal SIGUSR2. */
  from: 'start' | 'signal';
  count: number;
  side: Side;
  /** Only the writes of this function count; null: all that no clock makes. */
  writer: string | null;
}

/** `start:7:before` or `signal:1:after:outbox.repository.remove`, as the node gets it in its environment. */
export function nameFailPoint({ from, count, side, writer }: FailPoint): string {
  return [from, count, side, ...(writer === null ? [] : [writer])].join(':');
}

export function parseFailPoint(name: string): FailPoint {
  const [, from, count, side, writer = null] =
    /^(start|signal):(\d+):(before|after)(?::(\S+))?$/.exec(name) ?? [];
  const isKnown = (from === 'start' || from === 'signal') && (side === 'before' || side === 'after');
  if (!isKnown) throw new Error(`no such fail point: ${name}`);
  return { from, count: Number(count), side, writer };
}

/** The last line of a process that is killed at its fail point. */
export function describeKill(name: string, writer: string): string {
  return `KILLED AT ${name} BY ${writer}\n`;
}

/** Who was writing when the process was killed at this fail point; null: its log does not say that it was. */
export function killerIn(log: string, name: string): string | null {
  const [, at, writer = null] = /KILLED AT (\S+) BY (\S+)\n$/.exec(log) ?? [];
  return at === name ? writer : null;
}
