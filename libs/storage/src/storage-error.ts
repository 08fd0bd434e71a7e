import { AppError } from '@app/contracts';

/** The code of a failed system call (`ENOENT`, …), or null for any other error. */
export function errorCodeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null || !('code' in error)) return null;
  return typeof error.code === 'string' ? error.code : null;
}

/** What a failed write means to a caller; anything that is not understood is returned as it came. */
export function storageError(error: unknown): unknown {
  switch (errorCodeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new AppError('STORAGE_FULL', 'The storage is full. Free some space, then try again.', {
        cause: error,
      });
    case 'EACCES':
    case 'EPERM':
      return new AppError(
        'STORAGE_NOT_WRITABLE',
        'The data folder does not belong to the user the service runs as. Give it to that user (chown -R), then try again.',
        { cause: error },
      );
    case 'EROFS':
      return new AppError(
        'STORAGE_NOT_WRITABLE',
        'The data folder is mounted read-only. Mount it writable, then try again.',
        { cause: error },
      );
    default:
      return error;
  }
}
