/** Every refusal the service gives, with the HTTP status it has at the edge. */
export const ERROR_STATUS = {
  VALIDATION_FAILED: 400,
  INVALID_JSON: 400,
  INVALID_NAME: 400,
  INVALID_AGENT: 400,
  INVALID_SKILL: 400,
  FORBIDDEN_AGENT_SETTING: 400,
  ARCHIVE_INVALID: 400,
  ARCHIVE_LINK: 400,
  ARCHIVE_UNSAFE_PATH: 400,
  INVALID_CREDENTIAL: 400,
  BAD_CURSOR: 400,
  BACKUP_INVALID: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  ORIGIN_DENIED: 403,
  NOT_FOUND: 404,
  TASK_NOT_FOUND: 404,
  SESSION_NOT_FOUND: 404,
  AGENT_NOT_FOUND: 404,
  SKILL_NOT_FOUND: 404,
  FILE_NOT_FOUND: 404,
  VERSION_NOT_FOUND: 404,
  CREDENTIAL_NOT_FOUND: 404,
  KEY_NOT_FOUND: 404,
  BACKUP_NOT_FOUND: 404,
  METHOD_NOT_ALLOWED: 405,
  ALREADY_TERMINAL: 409,
  NOT_TERMINAL: 409,
  NOT_RUNNING: 409,
  NAME_CONFLICT: 409,
  BUILT_IN_READ_ONLY: 409,
  UNSAFE_PATH: 409,
  BACKUP_RUNNING: 409,
  CLEANUP_RUNNING: 409,
  BACKUP_TOO_NEW: 409,
  DATA_IN_USE: 409,
  SESSION_AGENT_MISMATCH: 409,
  LAST_ADMIN_KEY: 409,
  ARCHIVE_TOO_LARGE: 413,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  HOST_NOT_ALLOWED: 421,
  IDEMPOTENCY_CONFLICT: 422,
  QUEUE_FULL: 429,
  RATE_LIMITED: 429,
  INTERNAL_ERROR: 500,
  DECRYPT_FAILED: 500,
  VERSION_DAMAGED: 500,
  KEK_MISMATCH: 500,
  DB_BUSY: 503,
  DB_UNAVAILABLE: 503,
  NOT_READY: 503,
  STORAGE_NOT_WRITABLE: 503,
  STORAGE_FULL: 507,
} as const satisfies Record<string, number>;

export type ErrorCode = keyof typeof ERROR_STATUS;

/** The body of every refusal, over HTTP and in socket acknowledgements (there without `statusCode`). */
export interface ErrorBody {
  statusCode: number;
  code: ErrorCode;
  message: string;
  request_id: string;
  details?: ErrorDetail[];
}

/** `field` is the path of the offending value, for instance `limits.max_turns`. */
export interface ErrorDetail {
  field: string;
  message: string;
}
