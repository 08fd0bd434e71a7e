import { applyDecorators, UseInterceptors } from '@nestjs/common';
import { ApiConsumes } from '@nestjs/swagger';
import { AcceptsBody } from '@app/auth';
import { ArchiveInterceptor } from '../archive/archive.interceptor.js';
import { MAX_TOTAL_BYTES } from '../folders/limits.js';

const FORM = 'multipart/form-data';

/** A route that takes files as JSON, or as a form with a zip archive. In JSON, text may need twice its bytes. */
export const AcceptsArchive = (): MethodDecorator =>
  applyDecorators(
    AcceptsBody({ maxBytes: MAX_TOTAL_BYTES * 2, otherTypes: [FORM] }),
    UseInterceptors(ArchiveInterceptor),
    ApiConsumes('application/json', FORM),
  );
