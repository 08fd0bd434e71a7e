import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { Request } from 'express';

/** The rest of the address: Express gives it in its parts, decoded. */
export const FilePath = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  const { path } = context.switchToHttp().getRequest<Request<{ path: string | string[] }>>().params;
  return [path].flat().join('/');
});
