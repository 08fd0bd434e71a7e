import type { Settings } from '@app/config';

/** What runs until it is told to end. */
export interface Endable {
  /** Ends cleanly. `delayMs`: how long it first goes on answering, while it says that it is not ready. */
  close(options?: { delayMs?: number }): Promise<void>;
  /** A clean end that has begun waits for nothing more: running tasks are handed back now. */
  hurry(): void;
}

/** Beyond the grace that running tasks have: the rest of a shutdown takes moments. */
const MARGIN_MS = 15_000;
/** Ending the processes of a run, by force if need be, and handing its task back. */
const HURRY_LIMIT_MS = 6000;

/**
 * Ends the process cleanly on SIGTERM, and on Ctrl-C without the delay that is for load balancers. The second signal
 * hands back at once what still runs, so that no run goes on unseen and another process can take it; the third
 * one waits for nothing.
 */
export function endOnSignals(
  running: Endable,
  settings: Pick<Settings, 'shutdownGraceSeconds' | 'shutdownDelaySeconds'>,
): void {
  let signals = 0;
  const fail = (text: string): never => {
    process.stderr.write(`${text}\n`);
    process.exit(1);
  };
  const endWithin = (limitMs: number): void => {
    setTimeout(() => fail('The shutdown took too long; ended without it.'), limitMs).unref();
  };
  const end = (delayMs: number): void => {
    signals += 1;
    if (signals > 2) process.exit(1);
    if (signals === 2) {
      endWithin(HURRY_LIMIT_MS);
      return running.hurry();
    }
    endWithin(delayMs + settings.shutdownGraceSeconds * 1000 + MARGIN_MS);
    running.close({ delayMs }).then(
      () => process.exit(0),
      (error: unknown) =>
        fail(`The shutdown failed: ${error instanceof Error ? error.message : String(error)}`),
    );
  };
  process.on('SIGTERM', () => end(settings.shutdownDelaySeconds * 1000));
  process.on('SIGINT', () => end(0));
}
