import { AppError, type ErrorCode, type ReasonCode } from '@app/contracts';
import { databaseError } from '@app/database';
import { TaskFailure } from './task-failure.js';

/**
 * What each error of the service means to the task that meets it. Exhaustive: a new code does not compile without a row.
 * Those that a run cannot meet are mistakes of ours if it does.
 */
const REASON_OF_ERROR = {
  AGENT_NOT_FOUND: 'agent_missing',
  INVALID_AGENT: 'agent_invalid',
  INVALID_SKILL: 'agent_invalid',
  FORBIDDEN_AGENT_SETTING: 'agent_invalid',
  SKILL_NOT_FOUND: 'agent_invalid',
  CREDENTIAL_NOT_FOUND: 'credentials_missing',
  INVALID_CREDENTIAL: 'credentials_unreadable',
  DECRYPT_FAILED: 'credentials_unreadable',
  KEK_MISMATCH: 'credentials_unreadable',
  SESSION_NOT_FOUND: 'workspace_failed',
  SESSION_AGENT_MISMATCH: 'agent_invalid',
  UNSAFE_PATH: 'workspace_failed',
  STORAGE_NOT_WRITABLE: 'workspace_failed',
  STORAGE_FULL: 'storage_full',
  DB_BUSY: 'database_unavailable',
  DB_UNAVAILABLE: 'database_unavailable',
  NOT_READY: 'database_unavailable',
  VALIDATION_FAILED: 'internal_error',
  INVALID_JSON: 'internal_error',
  INVALID_NAME: 'agent_missing',
  BAD_CURSOR: 'internal_error',
  UNAUTHENTICATED: 'internal_error',
  FORBIDDEN: 'internal_error',
  ARCHIVE_INVALID: 'internal_error',
  ARCHIVE_LINK: 'internal_error',
  ARCHIVE_UNSAFE_PATH: 'internal_error',
  ARCHIVE_TOO_LARGE: 'internal_error',
  BACKUP_INVALID: 'internal_error',
  BACKUP_NOT_FOUND: 'internal_error',
  BACKUP_RUNNING: 'internal_error',
  CLEANUP_RUNNING: 'internal_error',
  BACKUP_TOO_NEW: 'internal_error',
  DATA_IN_USE: 'internal_error',
  FILE_NOT_FOUND: 'internal_error',
  VERSION_NOT_FOUND: 'internal_error',
  VERSION_DAMAGED: 'internal_error',
  ORIGIN_DENIED: 'internal_error',
  NOT_FOUND: 'internal_error',
  TASK_NOT_FOUND: 'internal_error',
  KEY_NOT_FOUND: 'internal_error',
  METHOD_NOT_ALLOWED: 'internal_error',
  ALREADY_TERMINAL: 'internal_error',
  NOT_TERMINAL: 'internal_error',
  NOT_RUNNING: 'internal_error',
  NAME_CONFLICT: 'internal_error',
  BUILT_IN_READ_ONLY: 'internal_error',
  LAST_ADMIN_KEY: 'internal_error',
  PAYLOAD_TOO_LARGE: 'internal_error',
  UNSUPPORTED_MEDIA_TYPE: 'internal_error',
  HOST_NOT_ALLOWED: 'internal_error',
  IDEMPOTENCY_CONFLICT: 'internal_error',
  QUEUE_FULL: 'internal_error',
  RATE_LIMITED: 'internal_error',
  INTERNAL_ERROR: 'internal_error',
} as const satisfies Record<ErrorCode, ReasonCode>;

/** What an error means to the task; null when it is a mistake of ours, whose story belongs into the service's log. */
export function taskFailureOf(error: unknown): TaskFailure | null {
  if (error instanceof TaskFailure) return error;
  const known = error instanceof AppError ? error : databaseError(error);
  if (!known) return null;
  const reason = REASON_OF_ERROR[known.code];
  return reason === 'internal_error' ? null : new TaskFailure(reason, known.message);
}
