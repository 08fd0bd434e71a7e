import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from 'pino';

/**
 * Gives each request its id, answers it as `X-Request-Id`, and writes one line when it is over: at debug, from
 * 500 on at info (the error itself has its own line). The query is left out: people put secrets there.
 */
export function requestLog(logger: Logger, newRequestId: () => string) {
  return (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    const request_id = newRequestId();
    const startedMs = performance.now();
    response.setHeader('X-Request-Id', request_id);
    const path = request.url?.split('?', 1)[0];
    response.once('close', () => {
      const status = response.statusCode;
      const level = status >= 500 ? 'info' : 'debug';
      if (!logger.isLevelEnabled(level)) return;
      const duration_ms = Math.round(performance.now() - startedMs);
      const facts = {
        request_id,
        method: request.method,
        path,
        status,
        duration_ms,
        aborted: !response.writableEnded,
      };
      logger[level](facts, 'request');
    });
    next();
  };
}
