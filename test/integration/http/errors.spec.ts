import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestServer, type Answer, type TestServer } from './test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const JSON_TYPE = { 'content-type': 'application/json' };
const FORM_TYPE = { 'content-type': 'application/x-www-form-urlencoded' };
const makeKey = (body: unknown, headers: Record<string, string>): Promise<Answer> =>
  server.call('/api/keys', { method: 'POST', key: server.adminKey, body, headers });

describe('errors', () => {
  it.each([
    ['GET', '/api/nowhere', 404, 'NOT_FOUND'],
    ['GET', '/nowhere', 404, 'NOT_FOUND'],
    ['PUT', '/api/me', 405, 'METHOD_NOT_ALLOWED'],
    ['GET', '/api/%ff', 404, 'NOT_FOUND'],
    ['DELETE', '/api/keys/%ff', 400, 'VALIDATION_FAILED'],
    ['DELETE', '/api/keys/1%27%20OR%201=1', 400, 'VALIDATION_FAILED'],
  ])('have one shape: %s %s', async (method, path, statusCode, code) => {
    const { status, body, headers } = await server.call(path, { method, key: server.adminKey });
    expect(body).toEqual({
      statusCode,
      code,
      message: expect.any(String),
      request_id: headers['x-request-id'],
    });
    expect(status).toBe(statusCode);
  });

  it('name every wrong field', async () => {
    const { body } = await makeKey({ name: 7, role: 'root', more: 1 }, {});
    expect(body.code).toBe('VALIDATION_FAILED');
    expect(body.details.map(({ field }: { field: string }) => field).sort()).toEqual([
      'more',
      'name',
      'role',
    ]);
  });
});

describe('a body', () => {
  it('may be JSON under the name of a form when the caller has a key, as `curl -d` sends it', async () => {
    expect((await makeKey('{"name":"curl","role":"viewer"}', FORM_TYPE)).status).toBe(201);
    expect(await makeKey('name=curl&role=viewer', FORM_TYPE)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_JSON' },
    });
  });

  it.each(['text/plain', 'application/xml', 'text/json', 'multipart/form-data; boundary=x'])(
    'may not be %s',
    async (type) => {
      expect(await makeKey('{"name":"x","role":"viewer"}', { 'content-type': type })).toMatchObject({
        status: 415,
        body: { code: 'UNSUPPORTED_MEDIA_TYPE' },
      });
    },
  );

  it.each(['{', '[1,2]', '"text"', '{"a":1}}', '\u0000'])('must be a JSON object, not %j', async (text) => {
    expect(await makeKey(text, JSON_TYPE)).toMatchObject({ status: 400, body: { code: 'INVALID_JSON' } });
  });

  it('that is absurdly deep is refused without being looked into', async () => {
    const startedMs = performance.now();
    expect(await makeKey('{"a":'.repeat(100_000), JSON_TYPE)).toMatchObject({
      status: 400,
      body: { code: 'INVALID_JSON' },
    });
    expect(performance.now() - startedMs).toBeLessThan(1_000);
  });

  it('cannot change what all objects have', async () => {
    const text =
      '{"name":"x","role":"viewer","__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}';
    expect((await makeKey(text, JSON_TYPE)).status).toBe(400);
    expect({}).not.toHaveProperty('polluted');
  });

  it('over 2 MB is refused, whether it says its length or not', async () => {
    const large = JSON.stringify({ name: 'x'.repeat(2_100_000), role: 'viewer' });
    expect(await makeKey(large, JSON_TYPE)).toMatchObject({
      status: 413,
      body: { code: 'PAYLOAD_TOO_LARGE' },
    });
    const chunked = await fetch(`${server.url}/api/keys`, {
      method: 'POST',
      headers: { ...JSON_TYPE, authorization: `Bearer ${server.adminKey}` },
      body: new Blob([large]).stream(),
      duplex: 'half',
    });
    expect(chunked.status).toBe(413);
  });

  it('of nobody is not read', async () => {
    const answer = await server.call('/api/keys', { method: 'POST', body: '{', headers: JSON_TYPE });
    expect(answer.status).toBe(401);
  });
});
