import { describe, expect, it, jest } from '@jest/globals';
import { tempDataDir, waitFor } from '../../support/index.js';
import { eventsAt, LiveServer } from './live-server.js';

jest.setTimeout(30_000);

describe('a server that is shut down', () => {
  it('notes the end of every connection, and the next one gives the rest', async () => {
    const DATA_DIR = await tempDataDir();
    const server = await LiveServer.start({ DATA_DIR });
    const key = server.http.adminKey;
    const session = await server.makeSession();
    const task = await server.makeTask(session);
    await server.append(task, 3);
    const client = await server.connect();
    const events = eventsAt(client);
    await client.emitWithAck('session.watch', { session_id: session });
    const stream = await fetch(`${server.http.url}/api/tasks/${task}/stream`, {
      headers: { Authorization: `Bearer ${key}` },
    });
    const ended = stream.text().catch(() => 'cut');
    await waitFor(() => events.length === 3);
    await server.http.close();
    await waitFor(() => !client.connected);
    await ended;

    const next = await LiveServer.start({ DATA_DIR });
    const { body } = await next.http.call(`/api/sessions/${session}/connections`, { key });
    expect(body.items.map(({ transport }: { transport: string }) => transport).sort()).toEqual([
      'sse',
      'websocket',
    ]);
    for (const { disconnected_at } of body.items) expect(disconnected_at).not.toBeNull();
    await next.append(task, 2);
    const again = await next.connect({ auth: { key } });
    const rest = eventsAt(again);
    await again.emitWithAck('session.watch', { session_id: session, after: { [task]: 3 } });
    await waitFor(() => rest.length === 2);
    await next.close();
  });
});
