import type { ErrorCode, ErrorDetail } from './error-codes.js';

/**
 * Something that can happen and that the caller can act on. The message is shown to users: it says what was
 * wrong and what to do next, and never holds a secret, a path or SQL. Anything else thrown is a bug.
 */
export class AppError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly options: { details?: ErrorDetail[]; retryAfterSeconds?: number; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause });
    this.name = 'AppError';
  }
}
