import type { Settings } from '@app/config';

/** Beyond the grace that running tasks have: the rest of a shutdown takes moments. */
const MARGIN_MS = 10_000;

/** Ends the process cleanly on SIGTERM and SIGINT; at once on the second signal, and in any case within bounds. */
export function endOnSignals(
  worker: { close(): Promise<void> },
  { shutdownGraceSeconds }: Pick<Settings, 'shutdownGraceSeconds'>,
): void {
  let ending = false;
  const fail = (text: string): never => {
    process.stderr.write(`${text}\n`);
    process.exit(1);
  };
  const end = (): void => {
    if (ending) process.exit(1);
    ending = true;
    const limitMs = shutdownGraceSeconds * 1000 + MARGIN_MS;
    setTimeout(() => fail('The shutdown took too long; ended without it.'), limitMs).unref();
    worker.close().then(
      () => process.exit(0),
      (error: unknown) =>
        fail(`The shutdown failed: ${error instanceof Error ? error.message : String(error)}`),
    );
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}
