import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TaskStatusMessage } from '@app/contracts';
import { LIVE_BUS, type LiveBus } from '@app/bus';
import { waitFor } from '../../support/index.js';
import { diceOf, seqsOf, upTo } from './events-fixture.js';
import { eventsAt, LiveServer } from './live-server.js';

jest.setTimeout(30_000);

let server: LiveServer;
beforeAll(async () => {
  server = await LiveServer.start();
});
afterAll(() => server.close());

describe('watching a task', () => {
  it('gives what is stored and what follows, in order, from the place that was asked for', async () => {
    const task = await server.makeTask(await server.makeSession());
    await server.append(task, 1200);
    const client = await server.connect();
    const events = eventsAt(client);
    expect(await client.emitWithAck('task.watch', { task_id: task, after_seq: 200 })).toEqual({
      ok: true,
      task_id: task,
      status: 'RUNNING',
      head: 1200,
    });
    for (let round = 0; round < 50; round += 1) await server.append(task, 6);
    await waitFor(() => events.length >= 1300);
    expect(seqsOf(events)).toEqual(upTo(1500).slice(200));
    expect(events).toEqual(await server.log.read(task, 200, 5000));
  });

  it('gives the same to those who come and go while the task runs', async () => {
    const task = await server.makeTask(null);
    const dice = diceOf(7);
    const seen = upTo(12).map(() => ({ events: [] as { seq: number }[], writing: true }));
    const comeAndGo = async (watcher: (typeof seen)[number]): Promise<void> => {
      while (watcher.writing) {
        const client = await server.connect();
        client.on('task.event', (event) => watcher.events.push(event));
        const after_seq = watcher.events.at(-1)?.seq ?? 0;
        await client.emitWithAck('task.watch', { task_id: task, after_seq });
        const enough = watcher.events.length + dice(300);
        await waitFor(() => watcher.events.length > enough || !watcher.writing);
        // The line is cut, whatever is on it.
        client.io.engine.close();
        client.off('task.event');
        client.disconnect();
      }
    };
    const watching = seen.map(comeAndGo);
    for (let written = 0; written < 3000; written += 20) await server.append(task, 20);
    for (const watcher of seen) watcher.writing = false;
    await Promise.all(watching);
    for (const { events } of seen) {
      const client = await server.connect();
      client.on('task.event', (event) => events.push(event));
      await client.emitWithAck('task.watch', { task_id: task, after_seq: events.at(-1)?.seq ?? 0 });
      await waitFor(() => events.length >= 3000);
      expect(seqsOf(events)).toEqual(upTo(3000));
    }
  });

  it('repairs what the bus lost, and says how far the log goes', async () => {
    const task = await server.makeTask(null);
    await server.append(task, 3);
    const client = await server.connect();
    const events = eventsAt(client);
    const heads: unknown[] = [];
    client.on('head', (head) => heads.push(head));
    await client.emitWithAck('task.watch', { task_id: task });
    await waitFor(() => events.length === 3);
    await server.appendInSilence(task, 4);
    await server.check();
    await waitFor(() => events.length === 7 && heads.length > 0);
    expect(heads).toEqual([{ task_id: task, seq: 7 }]);
    await server.finish(task);
    await waitFor(() => events.length === 8);
    await server.check();
    await server.append(task, 0);
    expect(heads).toHaveLength(1);
    expect(seqsOf(events)).toEqual(upTo(8));
  });

  it('does not read the database for each event, however many watch', async () => {
    const task = await server.makeTask(null);
    const clients = await Promise.all(upTo(50).map(() => server.connect()));
    const received = clients.map(eventsAt);
    const read = jest.spyOn(server.log, 'read');
    await server.append(task, 600);
    await Promise.all(clients.map((client) => client.emitWithAck('task.watch', { task_id: task })));
    await waitFor(() => received.every((events) => events.length === 600));
    const joining = read.mock.calls.length;
    expect(joining).toBeLessThan(150);
    for (let round = 0; round < 100; round += 1) await server.append(task, 4);
    await waitFor(() => received.every((events) => events.length === 1000));
    expect(read.mock.calls.length - joining).toBeLessThan(50);
    for (const events of received) expect(seqsOf(events)).toEqual(upTo(1000));
    read.mockRestore();
    for (const client of clients) client.disconnect();
  });

  it('ends when it is asked to', async () => {
    const task = await server.makeTask(null);
    const client = await server.connect();
    const events = eventsAt(client);
    await client.emitWithAck('task.watch', { task_id: task });
    await server.append(task, 1);
    await waitFor(() => events.length === 1);
    expect(await client.emitWithAck('unwatch', { task_id: task })).toEqual({ ok: true });
    await server.append(task, 1);
    // Anything that was sent would be here before this answer.
    await client.emitWithAck('unwatch', {});
    expect(events).toHaveLength(1);
  });

  it('begins anew from the given place when it is asked for again', async () => {
    const task = await server.makeTask(null);
    await server.append(task, 5);
    const client = await server.connect();
    const events = eventsAt(client);
    await client.emitWithAck('task.watch', { task_id: task, after_seq: 5 });
    await client.emitWithAck('task.watch', { task_id: task, after_seq: 2 });
    await waitFor(() => events.length === 3);
    await server.append(task, 2);
    await waitFor(() => events.length === 5);
    expect(seqsOf(events)).toEqual([3, 4, 5, 6, 7]);
  });
});

describe('watching a session', () => {
  it('covers its tasks, each from its place, and those to come', async () => {
    const session = await server.makeSession();
    const [done, running] = [await server.makeTask(session), await server.makeTask(session)];
    await server.append(done, 9);
    await server.finish(done);
    await server.append(running, 5);
    const client = await server.connect();
    const events = eventsAt(client);
    const answer = await client.emitWithAck('session.watch', {
      session_id: session,
      after: { [done]: 4, [running]: 5 },
    });
    expect(answer).toEqual({
      ok: true,
      tasks: [
        { task_id: done, status: 'COMPLETED', head: 10 },
        { task_id: running, status: 'RUNNING', head: 5 },
      ],
      pending_approvals: [],
    });
    await server.append(running, 1);
    const later = await server.makeTask(session);
    await server.append(later, 3);
    const silent = await server.makeTask(session);
    await server.appendInSilence(silent, 2);
    await server.check();
    const seqs = (task: string): number[] => seqsOf(events.filter(({ task_id }) => task_id === task));
    await waitFor(() => events.length >= 12);
    expect(seqs(done)).toEqual([5, 6, 7, 8, 9, 10]);
    expect(seqs(running)).toEqual([6]);
    expect(seqs(later)).toEqual([1, 2, 3]);
    expect(seqs(silent)).toEqual([1, 2]);
  });

  it('is recorded from its begin to its end', async () => {
    const session = await server.makeSession();
    const task = await server.makeTask(session);
    const client = await server.connect({ extraHeaders: { 'user-agent': 'a test' } });
    await client.emitWithAck('session.watch', { session_id: session });
    await client.emitWithAck('task.watch', { task_id: task });
    const list = async () => (await server.http.call(`/api/sessions/${session}/connections`, asAdmin())).body;
    const items = await waitFor(async () => {
      const body = await list();
      return body.items.length > 0 && body.items;
    });
    expect(items).toEqual([
      expect.objectContaining({
        transport: 'websocket',
        remote_address: expect.stringContaining('127.0.0.1'),
        user_agent: 'a test',
        key_id: expect.any(String),
        disconnected_at: null,
      }),
    ]);
    client.disconnect();
    await waitFor(async () => (await list()).items[0].disconnected_at !== null);
    expect((await list()).items).toHaveLength(1);
  });
});

describe('watching the feed', () => {
  it('tells the status changes of all tasks', async () => {
    const client = await server.connect();
    const received: TaskStatusMessage[] = [];
    client.on('task.status', (message) => received.push(message));
    expect(await client.emitWithAck('feed.watch', {})).toEqual({ ok: true });
    const message: TaskStatusMessage = {
      task_id: 't',
      session_id: null,
      status: 'RUNNING',
      status_reason: null,
      head: 3,
      at: '2026-01-01T00:00:00.000Z',
    };
    const bus = server.http.running.app.get<LiveBus>(LIVE_BUS, { strict: false });
    bus.publish('task.status', message);
    await waitFor(() => received.length === 1);
    expect(received).toEqual([message]);
    await client.emitWithAck('unwatch', { feed: true });
    bus.publish('task.status', message);
    await client.emitWithAck('unwatch', {});
    expect(received).toHaveLength(1);
  });
});

function asAdmin() {
  return { key: server.http.adminKey };
}
