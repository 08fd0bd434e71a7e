import {
  QueryRunnerAlreadyReleasedError,
  QueryRunnerProviderAlreadyReleasedError,
  TypeORMError,
} from 'typeorm';
import { AppError } from '@app/contracts';

/**
 * The database, or the way to it, does not work at the moment: whole classes of what Postgres may say, of connections,
 * resources, operators and the system below it, and what the system says to SQLite.
 */
const UNAVAILABLE_CLASSES = /^((08|53|57|58)[0-9A-Z]{3}|SQLITE_(IOERR|CANTOPEN|NOMEM|PROTOCOL|READONLY).*)$/;

const UNAVAILABLE = new Set([
  'EADDRNOTAVAIL',
  'EAI_AGAIN',
  'ECONNABORTED',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EMFILE',
  'ENETDOWN',
  'ENETUNREACH',
  'ENFILE',
  'ENOBUFS',
  'ENOTFOUND',
  'EPIPE',
  'ETIMEDOUT',
  '25P03', // idle_in_transaction_session_timeout
  '25006', // read_only_sql_transaction: a standby, in the middle of a failover
  '40003', // statement_completion_unknown
  'XX000', // internal_error: what some poolers say when they lose their server
]);

/** This and the next are told apart from the classes above, so they are looked at before. */
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
  if (UNAVAILABLE.has(code) || UNAVAILABLE_CLASSES.test(code)) {
    return new AppError('DB_UNAVAILABLE', 'The database does not answer. Try again in a moment.', {
      retryAfterSeconds: 2,
      cause: error,
    });
  }
  return null;
}

/**
 * Whether it is certain that the transaction which failed with this stored nothing: a row was refused for its own sake, or
 * our code threw before the COMMIT. Of everything else, also of a code that nobody has thought of, the COMMIT may have
 * arrived.
 */
export function tookNothing(error: unknown): boolean {
  if (error instanceof AppError) return true;
  const code = codeOf(error);
  if (code === null) return !(error instanceof TypeORMError);
  // data_exception, integrity_constraint_violation
  return /^(22|23)[0-9A-Z]{3}$/.test(code) || code === 'SQLITE_CONSTRAINT' || code === 'SQLITE_TOOBIG';
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
