import { Catch, Logger, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { AppError } from '@app/contracts';
import type { Request, Response } from 'express';
import { toAppError, toErrorBody } from './error-answer.js';
import { methodsAt } from './route-table.js';

/** The one place where an error becomes an HTTP answer. */
@Catch()
export class AppErrorFilter implements ExceptionFilter {
  private readonly logger = new Logger(AppErrorFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<Request>();
    const response = host.switchToHttp().getResponse<Response>();
    const error = this.otherMethod(toAppError(thrown), request, response);
    const body = toErrorBody(error, String(response.getHeader('X-Request-Id') ?? ''));
    if (body.statusCode >= 500) {
      // Our own mistakes with their stack; what can happen to a healthy service (a busy database) by its cause.
      const { code, request_id } = body;
      const facts = { err: error?.cause ?? thrown, code, path: request.path, request_id };
      this.logger[code === 'NOT_READY' ? 'debug' : 'error'](facts, error?.message ?? 'unexpected error');
    }
    if (response.headersSent) {
      // A stream that broke: the reader must not take what it has for the whole.
      response.destroy();
      return;
    }
    if (body.code === 'UNAUTHENTICATED')
      response.setHeader('WWW-Authenticate', 'Bearer realm="claude-code-agent"');
    const retryAfter = error?.options.retryAfterSeconds;
    if (retryAfter !== undefined) response.setHeader('Retry-After', String(retryAfter));
    response.status(body.statusCode).json(body);
  }

  /** Where nothing answers to this method but something to another, that is said instead of "not found". */
  private otherMethod(error: AppError | null, request: Request, response: Response): AppError | null {
    if (error?.code !== 'NOT_FOUND') return error;
    const methods = methodsAt(request.app, request.path);
    if (methods.length === 0 || methods.includes(request.method)) return error;
    response.setHeader('Allow', methods.join(', '));
    return new AppError('METHOD_NOT_ALLOWED', `This address accepts ${methods.join(', ')}.`);
  }
}
