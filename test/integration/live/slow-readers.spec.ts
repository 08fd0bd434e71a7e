import { once } from 'node:events';
import { request, type IncomingMessage } from 'node:http';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { TaskEvent } from '@app/contracts';
import { EventStream } from '../../../libs/live/src/event-stream.js';
import { SocketSink } from '../../../libs/live/src/socket-sink.js';
import { waitFor } from '../../support/index.js';
import { seqsOf, upTo } from './events-fixture.js';
import { LiveServer, type LiveClient } from './live-server.js';

jest.setTimeout(60_000);

const EVENTS = 300;
const TEXT = 'x'.repeat(200_000);
/** What the systems on both ends of a loopback connection hold, and a page or two of ours. */
const MOST_UNREAD_CHARS = 16e6;

let server: LiveServer;
beforeAll(async () => {
  server = await LiveServer.start();
});
afterAll(() => server.close());

/** Counts what is handed to readers, each by itself. */
function handedOver(kind: { prototype: SocketSink } | { prototype: EventStream }): Map<unknown, number> {
  const chars = new Map<unknown, number>();
  const send = kind.prototype.send;
  jest.spyOn(kind.prototype, 'send').mockImplementation(function (this: SocketSink & EventStream, events) {
    const size = events.reduce((sum, { data }) => sum + ('text' in data ? (data.text?.length ?? 0) : 0), 0);
    chars.set(this, (chars.get(this) ?? 0) + size);
    send.call(this, events);
  });
  return chars;
}

/** The WebSocket below, which can stop reading. */
function lineOf(client: LiveClient): { pause(): void; resume(): void } {
  return (client.io.engine.transport as unknown as { ws: { pause(): void; resume(): void } }).ws;
}

function count(client: LiveClient): number[] {
  const seqs: number[] = [];
  client.on('task.event', ({ seq }: TaskEvent) => seqs.push(seq));
  return seqs;
}

async function flood(task: string): Promise<void> {
  for (let written = 0; written < EVENTS; written += 5) await server.append(task, 5, TEXT);
}

describe('a reader that does not keep up', () => {
  it('on a socket holds up nobody, costs little memory, and misses nothing', async () => {
    const task = await server.makeTask(null);
    const [slow, quick] = [await server.connect(), await server.connect()];
    const chars = handedOver(SocketSink);
    const [slowSeqs, quickSeqs] = [count(slow), count(quick)];
    for (const client of [slow, quick]) await client.emitWithAck('task.watch', { task_id: task });
    lineOf(slow).pause();
    await flood(task);
    await waitFor(() => quickSeqs.length === EVENTS, { what: 'the quick reader to have everything' });
    const [least, most] = [...chars.values()].sort((a, b) => a - b);
    expect(most).toBe(EVENTS * TEXT.length);
    expect(least).toBeLessThan(MOST_UNREAD_CHARS);
    lineOf(slow).resume();
    await waitFor(() => slowSeqs.length === EVENTS, {
      timeoutMs: 30_000,
      what: 'the slow reader to catch up',
    });
    expect(slowSeqs).toEqual(upTo(EVENTS));
    expect(quickSeqs).toEqual(upTo(EVENTS));
    jest.restoreAllMocks();
  });

  it('on a stream costs little memory, and misses nothing', async () => {
    const task = await server.makeTask(null);
    const chars = handedOver(EventStream);
    const asked = request(`${server.http.url}/api/tasks/${task}/stream`, {
      headers: { Authorization: `Bearer ${server.http.adminKey}` },
    });
    asked.end();
    const [response] = (await once(asked, 'response')) as [IncomingMessage];
    response.pause();
    await flood(task);
    await server.finish(task);
    expect([...chars.values()][0] ?? 0).toBeLessThan(MOST_UNREAD_CHARS);
    let text = '';
    response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk.replaceAll('xxxxxxxxxx', '')));
    response.resume();
    await once(response, 'end');
    const seqs = [...text.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => ({ seq: Number(seq) }));
    expect(seqsOf(seqs)).toEqual(upTo(EVENTS + 1));
    jest.restoreAllMocks();
  });
});
