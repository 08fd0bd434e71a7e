import { ParseUUIDPipe } from '@nestjs/common';
import { AppError } from '@app/contracts';

/** Throws `VALIDATION_FAILED` for what is no id, such as the name of a key, in words that say where ids are. */
export const PARSE_KEY_ID = new ParseUUIDPipe({
  exceptionFactory: () =>
    new AppError(
      'VALIDATION_FAILED',
      'That is not the id of an API key. The list of the keys shows their ids.',
    ),
});
