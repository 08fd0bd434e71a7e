const INTERRUPTED = 130;

/**
 * Ends the program with this exit code once everything is written. Somebody who interrupted it waits for nothing: a
 * socket that a silent server does not close would hold the program for half a minute.
 */
export function endWith(exitCode: number): void {
  if (exitCode === INTERRUPTED) process.exit(exitCode);
  process.exitCode = exitCode;
}
