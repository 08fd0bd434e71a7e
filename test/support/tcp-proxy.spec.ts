import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { TcpProxy } from './tcp-proxy.js';
import { waitFor } from './wait-for.js';

/** A server that answers each line with itself. */
let echo: Server;
let arrived: string;
let port: number;
let proxy: TcpProxy;
const clients: Socket[] = [];

beforeEach(async () => {
  arrived = '';
  echo = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', (bytes: Buffer) => {
      arrived += String(bytes);
      socket.write(bytes);
    });
  }).listen(0, '127.0.0.1');
  await once(echo, 'listening');
  const address = echo.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  ({ port } = address);
  proxy = await TcpProxy.before(port);
});

afterEach(async () => {
  for (const client of clients.splice(0)) client.destroy();
  await proxy.close();
  echo.close();
});

async function open() {
  const socket = connect({ port: proxy.port, host: '127.0.0.1', allowHalfOpen: true });
  clients.push(socket);
  const seen = { text: '', error: '', ended: false };
  socket.on('data', (bytes: Buffer) => (seen.text += String(bytes)));
  socket.on('error', (error: NodeJS.ErrnoException) => (seen.error = error.code ?? 'unknown'));
  socket.on('end', () => (seen.ended = true));
  await once(socket, 'connect');
  return { socket, seen };
}

describe('the proxy', () => {
  it('passes bytes on in both directions, and the end of each', async () => {
    const { socket, seen } = await open();
    socket.end('hello');
    await waitFor(() => seen.ended);
    expect(seen).toEqual({ text: 'hello', error: '', ended: true });
    await waitFor(() => proxy.connections === 0);
  });

  it('delays each piece in both directions and keeps their order', async () => {
    proxy.delay(100);
    const { socket, seen } = await open();
    const startedAt = performance.now();
    for (let piece = 0; piece < 20; piece += 1) socket.write(`${piece} `);
    const all = Array.from({ length: 20 }, (_, piece) => `${piece} `).join('');
    await waitFor(() => seen.text === all);
    expect(performance.now() - startedAt).toBeGreaterThanOrEqual(195);
  });

  it('swallows everything as a blackhole, and lets it arrive when it ends', async () => {
    const { socket, seen } = await open();
    socket.write('before ');
    await waitFor(() => seen.text === 'before ');
    proxy.blackhole();
    const other = await open();
    socket.write('held');
    other.socket.write('held too');
    proxy.delay(0);
    await waitFor(() => seen.text === 'before held' && other.seen.text === 'held too');
    expect(seen.error + other.seen.error).toBe('');
  });

  it('moves no byte while it is a blackhole', async () => {
    const { socket } = await open();
    await waitFor(() => proxy.connections === 1);
    proxy.blackhole();
    socket.write('held');
    // What goes straight to the server was sent later and is there first.
    const direct = connect(port, '127.0.0.1');
    clients.push(direct);
    direct.write('direct ');
    await waitFor(() => arrived === 'direct ');
    proxy.pass();
    await waitFor(() => arrived === 'direct held');
  });

  it('resets present and new connections until it is told to pass', async () => {
    const { seen } = await open();
    proxy.reset();
    await waitFor(() => seen.error === 'ECONNRESET');
    const late = connect(proxy.port, '127.0.0.1');
    clients.push(late);
    await expect(once(late, 'close')).rejects.toMatchObject({ code: 'ECONNRESET' });
    proxy.pass();
    const { socket, seen: after } = await open();
    socket.write('again');
    await waitFor(() => after.text === 'again');
  });

  it('cuts what is open now and serves what comes', async () => {
    const { seen } = await open();
    await waitFor(() => proxy.connections === 1);
    proxy.cut();
    await waitFor(() => seen.error === 'ECONNRESET');
    const { socket, seen: after } = await open();
    socket.write('again');
    await waitFor(() => after.text === 'again');
  });

  it('closes one direction alone', async () => {
    const { socket, seen } = await open();
    socket.write('one');
    await waitFor(() => seen.text === 'one');
    proxy.halfClose();
    await waitFor(() => seen.ended);
    socket.write(' two');
    await waitFor(() => arrived === 'one two');
    expect(seen.text).toBe('one');
  });

  it.each([
    ['to-client', { seen: 'abc', arrived: 'abcdef' }],
    ['to-server', { seen: 'abc', arrived: 'abc' }],
  ] as const)('cuts a connection after some bytes %s', async (direction, expected) => {
    proxy.cutAfter(3, direction);
    const { socket, seen } = await open();
    socket.write('abcdef');
    await waitFor(() => seen.error === 'ECONNRESET' || seen.ended || socket.destroyed);
    expect(arrived).toBe(expected.arrived);
    if (direction === 'to-client') expect(seen.text).toBe(expected.seen);
  });

  it('loses the answer to one request, which the server got', async () => {
    const { socket, seen } = await open();
    proxy.loseAnswerTo('COMMIT');
    socket.write('BEGIN');
    await waitFor(() => seen.text === 'BEGIN');
    socket.write('COMMIT');
    await waitFor(() => seen.error === 'ECONNRESET');
    expect(arrived).toBe('BEGINCOMMIT');
    expect(seen.text).toBe('BEGIN');
    expect(proxy.answerWasLost).toBe(true);
    const next = await open();
    next.socket.write('COMMIT');
    await waitFor(() => next.seen.text === 'COMMIT');
  });
});
