import { AppError } from '@app/contracts';
import { readFileContent } from './file-content.js';
import type { PutFileDto } from './put-file.dto.js';

/** Throws `VALIDATION_FAILED` unless there is exactly one of text and base64. */
export function contentOfPut({ text, base64, executable }: PutFileDto) {
  const content = readFileContent({
    ...(text === undefined ? {} : { text }),
    ...(base64 === undefined ? {} : { base64 }),
    ...(executable === undefined ? {} : { executable }),
  });
  if (content) return content;
  throw new AppError('VALIDATION_FAILED', 'Send the content of the file as either text or base64.');
}
