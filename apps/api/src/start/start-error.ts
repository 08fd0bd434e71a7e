/** Why the server cannot start on this machine, in a sentence that names the remedy. */
export class StartError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'StartError';
  }
}
