import type { BacklogLimits } from './event-queue.js';

/** The limits of every wait of a run. */
export interface RunTiming {
  /** From the end of the input to the exit; started again by every message. Then SIGTERM. */
  exitMs: number;
  /** Between SIGTERM and SIGKILL. */
  killMs: number;
  /** After a result, how long a message that it did not answer may show no sign of life. */
  unansweredMs: number;
  /** How long `interrupt` waits for Claude Code to confirm it. */
  interruptMs: number;
  /** Events that may wait for the reader before the engine process is made to wait. */
  backlog: BacklogLimits;
}

export const RUN_TIMING: RunTiming = {
  exitMs: 5000,
  killMs: 2000,
  unansweredMs: 30_000,
  interruptMs: 2000,
  backlog: { events: 2000, chars: 256 * 1024 },
};
