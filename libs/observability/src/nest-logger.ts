import type { LoggerService } from '@nestjs/common';
import type { Level, Logger } from 'pino';

/** How Nest puts itself together: a page of lines that no operator asked for. */
const INNER_LIFE = new Set([
  'InstanceLoader',
  'NestApplication',
  'NestFactory',
  'RouterExplorer',
  'RoutesResolver',
  'WebSocketsController',
]);

/**
 * Nest's `Logger`, written by pino. Understands `log('text')`, `error('text', errorOrStack)`, `error(error)` and
 * `warn({ taskId, err }, 'text')`; Nest adds the context, the name of the class, as the last argument.
 */
export class NestLogger implements LoggerService {
  constructor(private readonly logger: Logger) {}

  log(message: unknown, ...rest: unknown[]): void {
    this.write(INNER_LIFE.has(String(rest.at(-1))) ? 'debug' : 'info', message, rest);
  }
  error(message: unknown, ...rest: unknown[]): void {
    this.write('error', message, rest);
  }
  warn(message: unknown, ...rest: unknown[]): void {
    this.write('warn', message, rest);
  }
  debug(message: unknown, ...rest: unknown[]): void {
    this.write('debug', message, rest);
  }
  verbose(message: unknown, ...rest: unknown[]): void {
    this.write('trace', message, rest);
  }
  fatal(message: unknown, ...rest: unknown[]): void {
    this.write('fatal', message, rest);
  }

  private write(level: Level, message: unknown, rest: unknown[]): void {
    const context = typeof rest.at(-1) === 'string' ? rest.at(-1) : undefined;
    const more = context === undefined ? rest : rest.slice(0, -1);
    const error = [message, ...more].find((part) => part instanceof Error);
    const text = [message, ...more].find((part) => typeof part === 'string');
    const stack = typeof message === 'string' ? more.find((part) => typeof part === 'string') : undefined;
    const fields = typeof message === 'object' && !(message instanceof Error) ? message : {};
    this.logger[level](
      { context, ...(error ? { err: error } : {}), ...(stack === undefined ? {} : { stack }), ...fields },
      text ?? (error instanceof Error ? error.message : undefined),
    );
  }
}
