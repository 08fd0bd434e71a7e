import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TaskEvent } from '@app/contracts';
import { waitFor } from '../../support/index.js';
import { seqsOf, upTo } from './events-fixture.js';
import { LiveServer } from './live-server.js';

jest.setTimeout(30_000);

let server: LiveServer;
beforeAll(async () => {
  server = await LiveServer.start();
});
afterAll(() => server.close());

const open = (task: string, query = '', headers: Record<string, string> = {}): Promise<Response> =>
  fetch(`${server.http.url}/api/tasks/${task}/stream${query}`, {
    headers: { Authorization: `Bearer ${server.http.adminKey}`, ...headers },
  });

function framesOf(text: string): { id: string; event: string; data: TaskEvent }[] {
  return text
    .split('\n\n')
    .filter((block) => block.startsWith('id: '))
    .map((block) => {
      const field = (name: string): string =>
        block
          .split('\n')
          .find((line) => line.startsWith(`${name}: `))
          ?.slice(name.length + 2) ?? '';
      return { id: field('id'), event: field('event'), data: JSON.parse(field('data')) as TaskEvent };
    });
}

describe('the event stream of a task', () => {
  it('gives the log and what follows, and ends with the task', async () => {
    const task = await server.makeTask(await server.makeSession());
    await server.append(task, 700);
    const response = await open(task);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    const text = response.text();
    for (let round = 0; round < 20; round += 1) await server.append(task, 5);
    await server.finish(task);
    const frames = framesOf(await text);
    expect(frames.map(({ data }) => data)).toEqual(await server.log.read(task, 0, 5000));
    expect(seqsOf(frames.map(({ data }) => data))).toEqual(upTo(801));
    for (const { id, event, data } of frames) expect([id, event]).toEqual([String(data.seq), data.type]);
  });

  it('goes on behind Last-Event-ID, which wins over after_seq', async () => {
    const task = await server.makeTask(null);
    await server.append(task, 9);
    await server.finish(task);
    const seqs = async (response: Promise<Response>): Promise<number[]> =>
      seqsOf(framesOf(await (await response).text()).map(({ data }) => data));
    expect(await seqs(open(task, '?after_seq=7'))).toEqual([8, 9, 10]);
    expect(await seqs(open(task, '?after_seq=2', { 'Last-Event-ID': '9' }))).toEqual([10]);
  });

  it('says with 204 that nothing more will come', async () => {
    const task = await server.makeTask(null);
    await server.finish(task);
    expect((await open(task, '?after_seq=1')).status).toBe(204);
  });

  it.each(['-1', '1e20', 'x', '99999999999'])('refuses the place %s', async (place) => {
    const task = await server.makeTask(null);
    for (const response of [
      await open(task, `?after_seq=${place}`),
      await open(task, '', { 'Last-Event-ID': place }),
    ]) {
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ code: 'BAD_CURSOR' });
    }
  });

  it('is not there for a task that is not', async () => {
    const response = await open('unknown');
    expect(response.status).toBe(404);
    expect(await response.json()).toMatchObject({ code: 'TASK_NOT_FOUND' });
  });

  it('is recorded until its reader leaves', async () => {
    const session = await server.makeSession();
    const task = await server.makeTask(session);
    const leaving = new AbortController();
    const response = await fetch(`${server.http.url}/api/tasks/${task}/stream`, {
      headers: { Authorization: `Bearer ${server.http.adminKey}` },
      signal: leaving.signal,
    });
    expect(response.status).toBe(200);
    const first = async () =>
      (await server.http.call(`/api/sessions/${session}/connections`, { key: server.http.adminKey })).body
        .items[0];
    await waitFor(first);
    expect(await first()).toMatchObject({ transport: 'sse', disconnected_at: null });
    leaving.abort();
    await waitFor(async () => (await first()).disconnected_at !== null);
  });
});
