import { createServer, get } from 'node:http';
import { once } from 'node:events';
import { describe, expect, it } from '@jest/globals';
import { createLogger } from './create-logger.js';
import { requestLog } from './request-log.js';

async function linesOf(
  path: string,
  status: number,
): Promise<{ lines: Record<string, unknown>[]; id: unknown }> {
  const lines: Record<string, unknown>[] = [];
  const logger = await createLogger(
    { logLevel: 'debug', logJson: true, machineId: null },
    { write: (line) => void lines.push(JSON.parse(line)) },
  );
  const log = requestLog(logger, () => 'r1');
  const server = createServer((request, response) => {
    log(request, response, () => {
      response.statusCode = status;
      response.end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : 0;
  const [response] = await once(get({ port, path, agent: false }), 'response');
  response.resume();
  server.close();
  await once(server, 'close');
  return { lines, id: response.headers['x-request-id'] };
}

describe('the log of requests', () => {
  it('has one line for each, at debug, under the id that the answer carries', async () => {
    const { lines, id } = await linesOf('/api/me', 200);
    expect(id).toBe('r1');
    expect(lines).toMatchObject([
      { level: 'debug', request_id: 'r1', method: 'GET', path: '/api/me', status: 200, aborted: false },
    ]);
  });

  it('never has what follows the question mark', async () => {
    const { lines } = await linesOf('/api/me?key=cca_secret&x=1', 401);
    expect(JSON.stringify(lines)).not.toMatch(/secret|\?/);
  });

  it('shows operators what failed on our side', async () => {
    expect((await linesOf('/api/tasks', 500)).lines).toMatchObject([{ level: 'info', status: 500 }]);
  });
});
