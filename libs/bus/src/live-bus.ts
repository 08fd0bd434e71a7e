import type { TaskEvent, TaskStatusMessage } from '@app/contracts';

/**
 * Tells every process that something happened, after it was stored. It promises speed, not delivery: a message may
 * be lost or arrive late, so whoever needs all of them reads the event log and uses this only to know when to look.
 * `publish` never throws and never waits; listeners of the same process have heard the message when it returns.
 * Messages of one publisher arrive in order, and nobody hears one twice.
 */
export interface LiveBus {
  publish<T extends BusTopic>(topic: T, message: BusMessages[T]): void;
  /** Returns the function that ends the subscription. A handler that throws harms nobody else. */
  subscribe<T extends BusTopic>(topic: T, handler: (message: BusMessages[T]) => void): () => void;
}

export interface BusMessages {
  /** Sent by the event log after the commit: consecutive events of one task. */
  'task.events': {
    task_id: string;
    session_id: string | null;
    /** The seq of the last of them. */
    head: number;
    /** Absent when they were too large for the wire, or the task is new: read the log. */
    events?: TaskEvent[];
  };
  /** Sent by tasks after a status was committed. */
  'task.status': TaskStatusMessage;
  /** Sent by tasks to whichever worker runs the task; the flag in the database is what counts. */
  'task.cancel_requested': { task_id: string };
  /** Sent by tasks to whichever worker runs the task. */
  'task.input_given': { task_id: string; message_id: string; text: string };
  /** Sent by auth: sockets of that key are closed. */
  'key.revoked': { key_id: string };
}

export type BusTopic = keyof BusMessages;

/** The injection token of the bus that fits the settings: in memory, or Redis when REDIS_URL is set. */
export const LIVE_BUS = Symbol('LiveBus');
