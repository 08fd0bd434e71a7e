import { QueryRunnerAlreadyReleasedError, QueryRunnerProviderAlreadyReleasedError } from 'typeorm';
import { AppError } from '@app/contracts';

const UNAVAILABLE = new Set([
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '57P05', // idle_session_timeout
  '25P03', // idle_in_transaction_session_timeout
  '25006', // read_only_sql_transaction: a standby, in the middle of a failover
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  '53300', // too_many_connections
]);

const BUSY = new Set([
  'SQLITE_BUSY',
  'SQLITE_LOCKED',
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled, by the limit of a statement
]);

const FULL = new Set([
  'SQLITE_FULL',
  'ENOSPC',
  '53100', // disk_full
]);

/** What a failure of the database means to a caller, or null when it is a bug. Decided by codes, never by text. */
export function databaseError(error: unknown): AppError | null {
  const code = codeOf(error);
  if (code === null) return null;
  if (BUSY.has(code)) {
    return new AppError('DB_BUSY', 'The database is busy. Try again in a moment.', {
      retryAfterSeconds: 1,
      cause: error,
    });
  }
  if (FULL.has(code)) {
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
  // Its connection broke between two statements of a transaction: one is for plain statements, the other for built ones.
  if (
    error instanceof QueryRunnerAlreadyReleasedError ||
    error instanceof QueryRunnerProviderAlreadyReleasedError
  )
    return 'ECONNRESET';
  if (typeof error !== 'object' || error === null) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  if ('driverError' in error) return codeOf(error.driverError);
  return null;
}
