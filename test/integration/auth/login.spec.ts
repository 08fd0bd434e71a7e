import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type Answer, type TestServer } from '../http/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer({ CORS_ORIGINS: 'http://localhost:5173' });
});
afterAll(() => server.close());

function logIn(key: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  return server.call('/api/auth/login', { method: 'POST', body: { key }, headers });
}

/** The cookie as a browser sends it back. */
async function cookieOf(key: string): Promise<string> {
  const { headers } = await logIn(key, { origin: server.url });
  return headers['set-cookie']?.[0]?.split(';', 1)[0] ?? '';
}

const me = (cookie: string): Promise<Answer> => server.call('/api/me', { headers: { cookie } });

describe('a login', () => {
  it('gives a cookie that no script reads and no other site sends', async () => {
    const { status, headers, body, text } = await logIn(server.adminKey);
    expect(status).toBe(200);
    expect(body).toMatchObject({ role: 'admin', via: 'cookie' });
    const cookie = headers['set-cookie']?.[0] ?? '';
    expect(cookie).toMatch(/^cca_login=ccl_[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict$/);
    expect(cookie + text).not.toContain(server.adminKey);
    expect((await me(cookie.split(';', 1)[0] ?? '')).body).toMatchObject({ role: 'admin', via: 'cookie' });
  });

  it('is for https alone when the page is on https', async () => {
    const { headers } = await logIn(server.adminKey, { origin: `https://${server.host}` });
    expect(headers['set-cookie']?.[0]).toContain('; Secure');
  });

  it('ends with a logout, and the key stays', async () => {
    const cookie = await cookieOf(server.adminKey);
    const out = await server.call('/api/auth/logout', {
      method: 'POST',
      headers: { cookie, origin: server.url },
    });
    expect(out.status).toBe(204);
    expect(out.headers['set-cookie']?.[0]).toContain('Expires=Thu, 01 Jan 1970');
    expect((await me(cookie)).status).toBe(401);
    expect((await server.call('/api/me', { key: server.adminKey })).status).toBe(200);
  });

  it('ends when its key is revoked', async () => {
    const { key, key_id } = await server.makeKey('operator');
    const cookie = await cookieOf(key);
    expect((await me(cookie)).body).toMatchObject({ role: 'operator', key_id });
    await server.call(`/api/keys/${key_id}`, { method: 'DELETE', key: server.adminKey });
    expect((await me(cookie)).status).toBe(401);
  });

  it('is no key: its secret is refused as a bearer, and a key is refused as a cookie', async () => {
    const secret = (await cookieOf(server.adminKey)).replace('cca_login=', '');
    expect((await server.call('/api/me', { key: secret })).status).toBe(401);
    expect((await me(`cca_login=${server.adminKey}`)).status).toBe(401);
    expect((await logIn(secret)).status).toBe(401);
  });

  it('is not looked at when the header names a key', async () => {
    const cookie = await cookieOf(server.adminKey);
    const headers = { cookie, authorization: 'Bearer nonsense' };
    expect((await server.call('/api/me', { headers })).status).toBe(401);
  });
});

describe('a cookie request that changes something', () => {
  const body = { name: 'from a browser', role: 'viewer' };
  const post = async (headers: Record<string, string>, payload: unknown = body): Promise<Answer> =>
    server.call('/api/keys', {
      method: 'POST',
      body: payload,
      headers: { cookie: await cookieOf(server.adminKey), ...headers },
    });

  it.each(['http://evil.com', 'null', 'http://localhost:1', 'http://localhost'])(
    'is refused from %s',
    async (origin) => {
      expect(await post({ origin })).toMatchObject({ status: 403, body: { code: 'ORIGIN_DENIED' } });
    },
  );

  it('is refused without a word about where it comes from', async () => {
    expect(await post({})).toMatchObject({ status: 403, body: { code: 'ORIGIN_DENIED' } });
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).toBe(201);
  });

  it('is taken from our own page and from a listed one', async () => {
    expect((await post({ origin: server.url })).status).toBe(201);
    expect((await post({ origin: 'http://localhost:5173' })).status).toBe(201);
  });

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x'])(
    'is refused as %s',
    async (type) => {
      const headers = { origin: server.url, 'content-type': type };
      expect(await post(headers, JSON.stringify(body))).toMatchObject({
        status: 415,
        body: { code: 'UNSUPPORTED_MEDIA_TYPE' },
      });
    },
  );
});

describe('failed logins', () => {
  it('are refused with 429 from the eleventh in a minute, while a right key is let in', async () => {
    const statuses: number[] = [];
    for (let count = 0; count < 12; count += 1) {
      const forged = { 'x-forwarded-for': `10.0.0.${count}` };
      const { status, headers, body } = await logIn(`cca_${'z'.repeat(43)}`, forged);
      statuses.push(status);
      if (status !== 429) continue;
      expect(body.code).toBe('RATE_LIMITED');
      expect(Number(headers['retry-after'])).toBeGreaterThan(0);
    }
    // Other tests of this file may have failed to log in on purpose before.
    expect(statuses.lastIndexOf(401)).toBeLessThan(10);
    expect(statuses.indexOf(429)).toBe(statuses.lastIndexOf(401) + 1);
    expect((await logIn(server.adminKey)).status).toBe(200);
  });

  it('are not possible from foreign pages', async () => {
    expect(await logIn(server.adminKey, { origin: 'http://evil.com' })).toMatchObject({ status: 403 });
  });
});
