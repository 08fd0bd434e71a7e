import {
  createParamDecorator,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import type { Request, Response } from 'express';
import multer, { memoryStorage, MulterError } from 'multer';
import type { Observable } from 'rxjs';
import { AppError } from '@app/contracts';
import type { FolderFiles } from '../folders/folder-files.js';
import { MAX_ARCHIVE_BYTES } from '../folders/limits.js';
import { readZip } from './read-zip.js';

const FORM = 'multipart/form-data';
type UploadRequest = Request & { archive?: FolderFiles };

/** The one file is called `archive`; `name` and `note` are texts beside it. */
const form = multer({
  storage: memoryStorage(),
  limits: { fileSize: MAX_ARCHIVE_BYTES, files: 1, fields: 8, fieldSize: 4096, parts: 10, headerPairs: 20 },
}).single('archive');

/** Reads a form with a zip archive, and unpacks it. A body of JSON was read before and goes on unchanged. */
@Injectable()
export class ArchiveInterceptor implements NestInterceptor {
  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const request = context.switchToHttp().getRequest<UploadRequest>();
    const response = context.switchToHttp().getResponse<Response>();
    const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
    if (type === FORM) await this.readForm(request, response);
    else refuseImitation(request.body);
    return next.handle();
  }

  private async readForm(request: UploadRequest, response: Response): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      // Multer calls back with whatever went wrong.
      form(request, response, (error: unknown) => (error ? reject(refusal(error)) : resolve()));
    });
    if (!request.file) {
      throw new AppError('VALIDATION_FAILED', 'archive: send the zip archive as a file of this name.');
    }
    request.archive = await readZip(request.file.buffer);
    // Multer's own has no prototype, which the checks that follow do not expect.
    const fields: unknown = request.body;
    request.body = Object.assign({}, fields);
  }
}

/** The files of the archive that came with the request; null when it was JSON. */
export const UploadedArchive = createParamDecorator(
  (_data: unknown, context: ExecutionContext): FolderFiles | null =>
    context.switchToHttp().getRequest<UploadRequest>().archive ?? null,
);

/** What a form reader would make of a file, sent as JSON: taken for one, it would name any file of the server. */
function refuseImitation(body: unknown): void {
  if (typeof body !== 'object' || body === null) return;
  if (!['archive', 'file'].some((key) => Object.hasOwn(body, key)) && !isListOfFiles(body)) return;
  throw new AppError(
    'UNSUPPORTED_MEDIA_TYPE',
    `A file is sent as ${FORM}, with the archive in the field "archive"; JSON cannot describe one.`,
  );
}

function isListOfFiles(body: object): boolean {
  return 'files' in body && Array.isArray(body.files);
}

function refusal(error: unknown): AppError {
  if (error instanceof MulterError && error.code === 'LIMIT_FILE_SIZE') {
    return new AppError('ARCHIVE_TOO_LARGE', 'The archive is over 17 MB.', { cause: error });
  }
  if (error instanceof MulterError && error.code === 'LIMIT_UNEXPECTED_FILE') {
    return new AppError('VALIDATION_FAILED', 'Send one file, in the field "archive".', { cause: error });
  }
  return new AppError('VALIDATION_FAILED', 'The form is damaged, cut off or too large.', { cause: error });
}
