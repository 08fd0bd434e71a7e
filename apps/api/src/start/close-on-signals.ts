import type { Settings } from '@app/config';

/** Beyond the grace that running tasks have: the rest of a shutdown takes moments. */
const MARGIN_MS = 10_000;

/** Ends the process cleanly on SIGTERM and SIGINT; at once on the second signal, and in any case within bounds. */
export function closeOnSignals(
  server: { close(): Promise<void> },
  settings: Pick<Settings, 'shutdownGraceSeconds'>,
): void {
  let closing = false;
  const close = (): void => {
    if (closing) process.exit(1);
    closing = true;
    setTimeout(
      () => {
        process.stderr.write('The shutdown took too long; ended without it.\n');
        process.exit(1);
      },
      settings.shutdownGraceSeconds * 1000 + MARGIN_MS,
    ).unref();
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        process.stderr.write(
          `The shutdown failed: ${error instanceof Error ? error.message : String(error)}\n`,
        );
        process.exit(1);
      },
    );
  };
  process.on('SIGTERM', close);
  process.on('SIGINT', close);
}
