import { HttpException } from '@nestjs/common';
import { AppError, ERROR_STATUS, type ErrorBody, type ErrorCode } from '@app/contracts';
import { databaseError } from '@app/database';

/** The refusals that frameworks express by a bare status. Any other 4xx means: the request was not well formed. */
const CODE_OF_STATUS: Readonly<Record<number, ErrorCode>> = {
  401: 'UNAUTHENTICATED',
  403: 'FORBIDDEN',
  404: 'NOT_FOUND',
  405: 'METHOD_NOT_ALLOWED',
  413: 'PAYLOAD_TOO_LARGE',
  415: 'UNSUPPORTED_MEDIA_TYPE',
  429: 'RATE_LIMITED',
};

const MESSAGE: Partial<Record<ErrorCode, string>> = {
  VALIDATION_FAILED: 'The request is not well formed.',
  UNAUTHENTICATED: 'Send a valid API key as "Authorization: Bearer <key>".',
  FORBIDDEN: 'This is not allowed.',
  NOT_FOUND: 'There is nothing at this address.',
  PAYLOAD_TOO_LARGE: 'The request is too large.',
  UNSUPPORTED_MEDIA_TYPE: 'This content type is not accepted. Send application/json.',
  RATE_LIMITED: 'Too many requests. Try again later.',
};

/** What the sender may know of an error; null when it is our mistake, of which they learn nothing. */
export function toAppError(error: unknown): AppError | null {
  if (error instanceof AppError) return error;
  const status = statusOf(error);
  if (status === null || status < 400 || status >= 500) return databaseError(error);
  const code = CODE_OF_STATUS[status] ?? 'VALIDATION_FAILED';
  // Nest's own pipes (a UUID, a number) say what was wrong; other texts may hold what the framework saw.
  const message = error instanceof HttpException && status === 400 ? error.message : MESSAGE[code];
  return new AppError(code, message ?? 'The request is not well formed.', { cause: error });
}

export function toErrorBody(error: AppError | null, requestId: string): ErrorBody {
  const code = error?.code ?? 'INTERNAL_ERROR';
  return {
    statusCode: ERROR_STATUS[code],
    code,
    message: error?.message ?? 'The service made a mistake. Its log has the details under this request id.',
    request_id: requestId,
    ...(error?.options.details ? { details: error.options.details } : {}),
  };
}

/** Nest's exceptions have `getStatus`, those of Express and its parts carry `status`. */
function statusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  if (error instanceof Error && 'status' in error && typeof error.status === 'number') return error.status;
  return null;
}
