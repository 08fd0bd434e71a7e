import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { FirstKey } from '../../../libs/auth/src/index.js';
import { Database } from '../../../libs/database/src/index.js';
import { createTestDatabase, waitFor } from '../../support/index.js';
import { startTestServer, type TestServer } from '../http/test-server.js';

let server: TestServer;
beforeAll(async () => {
  server = await startTestServer();
});
afterAll(() => server.close());

const statusOf = async (key: string, at = server): Promise<number> =>
  (await at.call('/api/me', { key })).status;
const revoke = (key_id: string) =>
  server.call(`/api/keys/${key_id}`, { method: 'DELETE', key: server.adminKey });

describe('API keys', () => {
  it('are shown once, when they are made', async () => {
    const made = await server.makeKey('operator');
    expect(made).toMatchObject({ role: 'operator', key_tail: made.key.slice(-4), revoked_at: null });
    const { text, body } = await server.call('/api/keys', { key: server.adminKey });
    expect(body.items[0]).toMatchObject({ key_id: made.key_id, key_tail: made.key.slice(-4) });
    expect(text).not.toContain(made.key);
    expect(text).not.toContain('key_hash');
  });

  it('are listed newest first, a page at a time', async () => {
    for (let count = 0; count < 3; count += 1) await server.makeKey('viewer');
    const all = await server.call('/api/keys', { key: server.adminKey });
    const first = await server.call('/api/keys?limit=2', { key: server.adminKey });
    const rest = await server.call(`/api/keys?cursor=${first.body.next_cursor}`, { key: server.adminKey });
    expect([...first.body.items, ...rest.body.items]).toEqual(all.body.items);
    expect(rest.body.next_cursor).toBeNull();
    expect((await server.call('/api/keys?limit=1e9', { key: server.adminKey })).status).toBe(400);
  });

  it('stop working when they are revoked', async () => {
    const { key, key_id } = await server.makeKey('operator');
    expect(await statusOf(key)).toBe(200);
    expect((await revoke(key_id)).status).toBe(204);
    expect(await statusOf(key)).toBe(401);
    expect((await revoke(key_id)).status).toBe(204);
  });

  it('stop working when they expire', async () => {
    const { key } = await server.makeKey('viewer', { expires_at: new Date(Date.now() + 700).toISOString() });
    expect(await statusOf(key)).toBe(200);
    await waitFor(async () => (await statusOf(key)) === 401, { timeoutMs: 2_000, what: 'the key to expire' });
  });

  it('are refused a past expiry, an unknown role and an empty name', async () => {
    for (const wrong of [
      { expires_at: '2020-01-01T00:00:00Z' },
      { role: 'root' },
      { name: ' ' },
      { extra: 1 },
    ]) {
      const body = { name: 'x', role: 'viewer', ...wrong };
      const answer = await server.call('/api/keys', { method: 'POST', key: server.adminKey, body });
      expect(answer).toMatchObject({ status: 400, body: { code: 'VALIDATION_FAILED' } });
      expect(answer.body.details[0].field).toBe(Object.keys(wrong)[0]);
    }
  });

  it('never end the last way in', async () => {
    const me = (await server.call('/api/me', { key: server.adminKey })).body;
    expect(await revoke(me.key_id)).toMatchObject({ status: 409, body: { code: 'LAST_ADMIN_KEY' } });
    const other = await server.makeKey('admin');
    expect((await revoke(other.key_id)).status).toBe(204);
    expect(await statusOf(server.adminKey)).toBe(200);
    expect(await revoke('0190a000-0000-7000-8000-000000000000')).toMatchObject({
      status: 404,
      body: { code: 'KEY_NOT_FOUND' },
    });
  });

  it('are nothing in a query string', async () => {
    for (const name of ['key', 'api_key', 'access_token', 'token']) {
      expect((await server.call(`/api/me?${name}=${server.adminKey}`)).status).toBe(401);
    }
  });
});

describe('a key that is revoked on one machine', () => {
  it('is refused by the others within a second', async () => {
    const database = await createTestDatabase();
    const env = { DATABASE_URL: database.url };
    const one = await startTestServer(env);
    const other = await startTestServer(env);
    try {
      expect(other.running.firstKey).toBeNull();
      const { key, key_id } = await one.makeKey('operator');
      expect(await statusOf(key, other)).toBe(200);
      await one.call(`/api/keys/${key_id}`, { method: 'DELETE', key: one.adminKey });
      await waitFor(async () => (await statusOf(key, other)) === 401, {
        timeoutMs: 1_000,
        what: 'the refusal',
      });
    } finally {
      await Promise.all([one.close(), other.close()]);
    }
  });

  it('leaves one admin key when two machines find none at the same moment', async () => {
    const env = { DATABASE_URL: (await createTestDatabase()).url };
    const servers = [await startTestServer(env), await startTestServer(env)];
    try {
      const [first] = servers;
      await first?.running.app
        .get(Database, { strict: false })
        .write((manager) => manager.query('DELETE FROM api_keys'));
      const made = await Promise.all(
        servers.map(({ running }) => running.app.get(FirstKey, { strict: false }).ensure()),
      );
      expect(made.filter((key) => key !== null)).toHaveLength(1);
      const key = made.find((each) => each !== null) ?? '';
      expect((await first?.call('/api/keys', { key }))?.body.items).toHaveLength(1);
    } finally {
      await Promise.all(servers.map((each) => each.close()));
    }
  });
});
