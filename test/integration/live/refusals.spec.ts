import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Database } from '@app/database';
import { waitFor } from '../../support/index.js';
import { upTo } from './events-fixture.js';
import { eventsAt, LiveServer, type LiveClient } from './live-server.js';

jest.setTimeout(30_000);

let server: LiveServer;
let client: LiveClient;
let task: string;
beforeAll(async () => {
  server = await LiveServer.start();
  task = await server.makeTask(await server.makeSession());
  await server.append(task, 3);
  client = await server.connect();
});
afterAll(() => server.close());

/** What no honest client sends, so that the types do not allow it. */
const ask = (event: string, payload: unknown, at = client): Promise<unknown> =>
  at.emitWithAck(event as 'task.watch', payload as { task_id: string });

async function refusedHandshake(options: Parameters<LiveServer['client']>[0]): Promise<Error> {
  const refused = server.client(options);
  return new Promise((resolve) => refused.on('connect_error', resolve));
}

describe('a handshake is refused', () => {
  it.each([
    ['without a key', {}],
    ['with a wrong key', { auth: { key: 'cca_wrong' } }],
    ['with a key that is no text', { auth: { key: { $ne: null } } }],
  ])('%s', async (_case, options) => {
    const error = await refusedHandshake({ auth: {}, ...options });
    expect(error).toMatchObject({ message: 'UNAUTHENTICATED', data: { code: 'UNAUTHENTICATED' } });
  });
});

describe('a request is refused', () => {
  it.each([[-1], [1e20], ['x'], [1.5], [{}]])('with the place %j', async (after_seq) => {
    const bad = { ok: false, code: 'BAD_CURSOR', message: expect.any(String) };
    expect(await ask('task.watch', { task_id: task, after_seq })).toEqual(bad);
    expect(await ask('session.watch', { session_id: 'x', after: { [task]: after_seq } })).toEqual(bad);
  });

  it.each([
    ['task.watch', { task_id: 'unknown' }, 'TASK_NOT_FOUND'],
    ['task.input', { task_id: 'unknown', text: 'x' }, 'TASK_NOT_FOUND'],
    ['task.stop', { task_id: 'unknown' }, 'TASK_NOT_FOUND'],
    ['session.watch', { session_id: 'unknown' }, 'SESSION_NOT_FOUND'],
    ['task.watch', {}, 'VALIDATION_FAILED'],
    ['task.watch', null, 'VALIDATION_FAILED'],
    ['task.watch', [1, 2], 'VALIDATION_FAILED'],
    ['task.watch', { task_id: "' OR 1=1 --" }, 'VALIDATION_FAILED'],
    ['task.watch', { task_id: 'x', extra: true }, 'VALIDATION_FAILED'],
    ['session.watch', { session_id: 'x', after: 'y' }, 'VALIDATION_FAILED'],
    ['task.input', { task_id: 'x', text: ' ' }, 'VALIDATION_FAILED'],
    ['feed.watch', { extra: 1 }, 'VALIDATION_FAILED'],
  ])('%s %j with %s', async (event, payload, code) => {
    expect(await ask(event, payload)).toEqual({ ok: false, code, message: expect.any(String) });
  });

  it('when there are too many, and others on other connections are served', async () => {
    const flooding = await server.connect();
    const answers = await Promise.all(upTo(1000).map(() => ask('task.watch', { task_id: task }, flooding)));
    const refused = answers.filter((answer) => JSON.stringify(answer).includes('RATE_LIMITED'));
    expect(refused.length).toBeGreaterThan(600);
    expect(await ask('task.watch', { task_id: task })).toMatchObject({ ok: true });
  });

  it('to act, to a viewer, who may watch', async () => {
    const { key } = await server.http.makeKey('viewer');
    const viewer = await server.connect({ auth: { key } });
    const events = eventsAt(viewer);
    expect(await ask('task.watch', { task_id: task }, viewer)).toMatchObject({ ok: true });
    await waitFor(() => events.length === 3);
    const forbidden = { ok: false, code: 'FORBIDDEN', message: expect.any(String) };
    expect(await ask('task.input', { task_id: task, text: 'hello' }, viewer)).toEqual(forbidden);
    expect(await ask('task.stop', { task_id: task }, viewer)).toEqual(forbidden);
  });
});

describe('a request that nobody waits for', () => {
  it('does nothing', async () => {
    const silent = await server.connect();
    const events = eventsAt(silent);
    silent.emit('task.watch', { task_id: task }, undefined as never);
    await ask('unwatch', {}, silent);
    expect(events).toEqual([]);
  });
});

describe('a revoked key', () => {
  it('drops its connections, sockets and streams, and no others', async () => {
    const { key, key_id } = await server.http.makeKey('operator');
    const doomed = await server.connect({ auth: { key } });
    const stream = await fetch(`${server.http.url}/api/tasks/${task}/stream`, {
      headers: { Authorization: `Bearer ${key}` },
    });
    const broken = expect(stream.text()).rejects.toThrow();
    await server.http.call(`/api/keys/${key_id}`, { method: 'DELETE', key: server.http.adminKey });
    await waitFor(() => !doomed.connected);
    await broken;
    expect(client.connected).toBe(true);
    expect(await refusedHandshake({ auth: { key } })).toMatchObject({ message: 'UNAUTHENTICATED' });
  });

  it('drops them also when another machine revoked it', async () => {
    const { key, key_id } = await server.http.makeKey('operator');
    const doomed = await server.connect({ auth: { key } });
    await server
      .get(Database)
      .write((manager) =>
        manager.query(
          `UPDATE api_keys SET revoked_at = '2020-01-01T00:00:00.000Z' WHERE key_id = '${key_id}'`,
        ),
      );
    await waitFor(() => !doomed.connected, { timeoutMs: 5_000, what: 'the connection to be dropped' });
  });
});
