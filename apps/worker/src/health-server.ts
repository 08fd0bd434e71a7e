import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import { AppError } from '@app/contracts';

/** Each throws an `AppError` when it is not so. */
export interface WorkerHealth {
  live: () => Promise<void> | void;
  ready: () => Promise<void> | void;
}

/**
 * The two health routes of the API for a process that has no API, so that the same check of a container or an
 * orchestrator serves both. It says nothing else to anybody.
 */
export async function startHealthServer(
  address: { port: number; host: string },
  health: WorkerHealth,
): Promise<Server> {
  const server = createServer((request, response) => {
    const path = request.url?.split('?', 1)[0];
    if (path === '/api/health/live') void answer(response, 'live', health.live);
    else if (path === '/api/health/ready') void answer(response, 'ready', health.ready);
    else send(response, 404, { code: 'NOT_FOUND', message: 'A worker answers /api/health/live and /ready.' });
  });
  server.requestTimeout = 5000;
  server.listen(address.port, address.host);
  await once(server, 'listening');
  return server;
}

async function answer(response: ServerResponse, status: string, check: WorkerHealth['live']): Promise<void> {
  try {
    await check();
    send(response, 200, { status });
  } catch (error) {
    const message = error instanceof AppError ? error.message : 'It failed; the reason is in the log.';
    send(response, 503, { code: 'NOT_READY', message });
  }
}

function send(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'Content-Type': 'application/json', Connection: 'close' });
  response.end(JSON.stringify(body));
}
