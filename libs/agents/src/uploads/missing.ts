import { AppError } from '@app/contracts';

/** For a field that is needed in some cases only; in the words of the checks of all others. */
export function missing(field: string): AppError {
  const message = 'must be a string';
  return new AppError('VALIDATION_FAILED', `${field}: ${message}`, { details: [{ field, message }] });
}
