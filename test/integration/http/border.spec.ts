import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type TestServer } from './test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ CORS_ORIGINS: 'https://dashboard.example.com' });
});
afterAll(() => server.close());

const preflight = (origin: string) =>
  server.call('/api/tasks', {
    method: 'OPTIONS',
    headers: { origin, 'access-control-request-method': 'POST' },
  });

describe('the border', () => {
  it.each(['evil.com', 'localhost.evil.com', '192.168.1.7', 'a b'])(
    'refuses the host %j, on every path',
    async (host) => {
      for (const path of ['/', '/api/health/live', '/api/me', '/nowhere']) {
        const { status, body } = await server.call(path, { headers: { host }, key: server.adminKey });
        expect({ status, code: body.code }).toEqual({ status: 421, code: 'HOST_NOT_ALLOWED' });
      }
    },
  );

  it('lets every answer say that nothing foreign may run in it', async () => {
    for (const path of ['/', '/api/me', '/nowhere', '/api/docs']) {
      const { headers } = await server.call(path, { key: server.adminKey });
      expect(headers['content-security-policy']).toContain("default-src 'self'");
      expect(headers['content-security-policy']).not.toContain('unsafe');
      expect(headers['x-content-type-options']).toBe('nosniff');
      expect(headers['x-powered-by']).toBeUndefined();
      expect(headers['x-request-id']).toMatch(/^[\da-f-]{36}$/);
    }
    expect((await server.call('/api/me', { key: server.adminKey })).headers['cache-control']).toBe(
      'no-store',
    );
  });

  it('sends JSON with its type and its length in bytes, and to HEAD these without the text', async () => {
    const key = { key: server.adminKey };
    const made = await server.call('/api/keys', {
      ...key,
      method: 'POST',
      body: { name: 'Schlüssel 🗝', role: 'viewer' },
    });
    expect(made.body.name).toBe('Schlüssel 🗝');
    expect(made.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(made.headers['content-length']).toBe(String(Buffer.byteLength(made.text)));
    const asked = await server.call('/api/keys', key);
    const head = await server.call('/api/keys', { ...key, method: 'HEAD' });
    expect(head.headers['content-length']).toBe(asked.headers['content-length']);
    expect(head.text).toBe('');
  });

  it('makes the request id itself', async () => {
    const { headers, body } = await server.call('/api/me', { headers: { 'x-request-id': 'forged\tid' } });
    expect(headers['x-request-id']).toBe(body.request_id);
    expect(body.request_id).not.toContain('forged');
  });

  it('tells a listed page that it may call, and a foreign one nothing', async () => {
    const listed = await preflight('https://dashboard.example.com');
    expect(listed.headers['access-control-allow-origin']).toBe('https://dashboard.example.com');
    const foreign = await preflight('https://evil.com');
    expect(Object.keys(foreign.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
    const get = await server.call('/api/health/live', { headers: { origin: 'https://evil.com' } });
    expect(get.headers['access-control-allow-origin']).toBeUndefined();
  });

  it('serves the page to everybody, and no file beside it', async () => {
    const page = await server.call('/');
    expect(page.status).toBe(200);
    expect(page.headers['content-type']).toContain('text/html');
    for (const path of [
      '/../src/main.ts',
      '/..%2f..%2fpackage.json',
      '/%2e%2e/src/main.ts',
      '/.env',
      '/package.json',
    ]) {
      expect((await server.call(path)).status).toBe(404);
    }
  });
});
