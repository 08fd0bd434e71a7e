import { ValidationPipe, type ValidationError } from '@nestjs/common';
import { AppError, type ErrorDetail } from '@app/contracts';

/** Every DTO is checked, and what it does not name is refused: a misspelt option must not be ignored. */
export function validationPipe(): ValidationPipe {
  return new ValidationPipe({
    whitelist: true,
    forbidNonWhitelisted: true,
    transform: true,
    validationError: { target: false, value: false },
    exceptionFactory: (errors) => {
      const details = errors.flatMap((error) => detailsOf(error));
      const [first] = details;
      const more = details.length > 1 ? ` (and ${details.length - 1} more)` : '';
      return new AppError(
        'VALIDATION_FAILED',
        first ? `${first.field}: ${first.message}${more}` : 'Not valid.',
        { details },
      );
    },
  });
}

function detailsOf({ property, constraints, children }: ValidationError, above = ''): ErrorDetail[] {
  const field = above === '' ? property : `${above}.${property}`;
  const own = Object.entries(constraints ?? {}).map(([rule, text]) => ({
    field,
    message: rule === 'whitelistValidation' ? 'is not a known field' : text.replace(`${property} `, ''),
  }));
  return [...own, ...(children ?? []).flatMap((child) => detailsOf(child, field))];
}
