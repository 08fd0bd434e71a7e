import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from './test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

/** The status line of an upgrade, as it comes over the wire. */
function upgrade(headers: Record<string, string>): Promise<string> {
  const lines = [
    'GET /socket.io/?EIO=4&transport=websocket HTTP/1.1',
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return new Promise((resolve, reject) => {
    const socket = connect(server.port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`));
    socket.on('error', reject);
    socket.once('data', (chunk) => {
      socket.destroy();
      resolve(String(chunk).split('\r\n', 1)[0] ?? '');
    });
  });
}

const poll = (headers: Record<string, string>) =>
  server.call('/socket.io/?EIO=4&transport=polling', { headers });

describe('a socket handshake', () => {
  it.each(['http://evil.com', 'null', 'http://localhost:1'])('is refused from %s', async (origin) => {
    expect((await poll({ origin })).status).toBe(403);
    expect(await upgrade({ Host: server.host, Origin: origin })).toBe('HTTP/1.1 403 Forbidden');
  });

  it('is refused under a foreign host name', async () => {
    expect((await poll({ host: 'evil.com' })).status).toBe(403);
    expect(await upgrade({ Host: 'evil.com', Origin: 'http://evil.com' })).toBe('HTTP/1.1 403 Forbidden');
  });

  it('goes on from our own page and from programs', async () => {
    expect((await poll({ origin: server.url })).status).toBe(200);
    expect((await poll({})).status).toBe(200);
    expect(await upgrade({ Host: server.host, Origin: server.url })).toBe('HTTP/1.1 101 Switching Protocols');
  });
});
