/** Why the worker cannot start on this machine, in a sentence that names the remedy. */
export class WorkerStartError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'WorkerStartError';
  }
}
