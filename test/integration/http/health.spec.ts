import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { HealthChecks } from '../../../libs/observability/src/index.js';
import { startTestServer, type TestServer } from './test-server.js';
import { waitFor } from '../../support/index.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

describe('health', () => {
  it('says that the process is up to everybody', async () => {
    expect(await server.call('/api/health/live')).toMatchObject({ status: 200, body: { status: 'live' } });
  });

  it('says one word to strangers, and names the parts to callers with a key', async () => {
    const known = await server.call('/api/health/ready', { key: server.adminKey });
    const names = known.body.checks.map(({ name }: { name: string }) => name);
    expect(names).toEqual(expect.arrayContaining(['database', 'queue', 'storage']));
    expect((await server.call('/api/health/ready')).body).toEqual({ status: 'ready' });
  });

  it('answers 503 and says what fails', async () => {
    const remove = server.running.app
      .get(HealthChecks, { strict: false })
      .register('broken', () => Promise.reject(new Error('x')));
    try {
      // What was found out a moment ago is still answered for a second.
      const answer = await waitFor(async () => {
        const latest = await server.call('/api/health/ready', { key: server.adminKey });
        return latest.status === 503 ? latest : null;
      });
      expect(answer).toMatchObject({
        status: 503,
        body: { code: 'NOT_READY', details: [{ field: 'broken' }] },
      });
      const short = await server.call('/api/health/ready');
      expect(short.body).not.toHaveProperty('details');
    } finally {
      remove();
    }
  });
});

describe('the description of the API', () => {
  it('is for callers with a key, and is complete', async () => {
    expect((await server.call('/api/docs/openapi.json')).status).toBe(401);
    const { body } = await server.call('/api/docs/openapi.json', { key: server.adminKey });
    expect(body.paths['/api/keys'].post.responses.default.content['application/json'].schema.$ref).toContain(
      'ErrorBody',
    );
    expect(body.paths['/api/auth/login'].post.security).toEqual([]);
    expect(body.paths['/api/me'].get.security).toBeUndefined();
    expect(body.security).toEqual([{ bearer: [] }]);
  });

  it('has a page that needs no inline script', async () => {
    const { text } = await server.call('/api/docs', { key: server.adminKey });
    expect(text).not.toMatch(/<script>|<style|style=|onload=/);
    for (const [, address] of text.matchAll(/(?:src|href)="([^"]+)"/g)) {
      expect((await server.call(address ?? '', { key: server.adminKey })).status).toBe(200);
    }
    expect((await server.call('/api/docs/assets/package.json', { key: server.adminKey })).status).toBe(400);
  });
});
