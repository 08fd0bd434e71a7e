import { AppError } from '@app/contracts';

const UNAVAILABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  '25P03', // idle_in_transaction_session_timeout
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '08000',
  '08003',
  '08006',
  '53300', // too_many_connections
]);

/** Somebody else held a lock for longer than we wait. */
const LOCK_NOT_AVAILABLE = '55P03';

/** What a failure of the database means to a caller, or null when it is a bug. Decided by codes, never by text. */
export function databaseError(error: unknown): AppError | null {
  const code = codeOf(error);
  if (code === null) return null;
  if (code === 'SQLITE_BUSY' || code === 'SQLITE_LOCKED' || code === LOCK_NOT_AVAILABLE) {
    return new AppError('DB_BUSY', 'The database is busy. Try again in a moment.', {
      retryAfterSeconds: 1,
      cause: error,
    });
  }
  if (code === 'SQLITE_FULL' || code === 'ENOSPC' || code === '53100') {
    return new AppError('STORAGE_FULL', 'The storage is full. Free some space, then try again.', {
      cause: error,
    });
  }
  if (UNAVAILABLE.has(code)) {
    return new AppError('DB_UNAVAILABLE', 'The database does not answer. Try again in a moment.', {
      retryAfterSeconds: 2,
      cause: error,
    });
  }
  return null;
}

/** Whether an insert failed because a row with the same key exists. */
export function isUniqueViolation(error: unknown): boolean {
  const code = codeOf(error);
  return code === '23505' || code === 'SQLITE_CONSTRAINT';
}

function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('driverError' in error) return codeOf(error.driverError);
  return null;
}
