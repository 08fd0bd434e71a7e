import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

export interface LoadPlan {
  port: number;
  connections: number;
  /** The whole request of the nth call, head and body. */
  request: (n: number) => Buffer;
  /** No further request once this many were sent, or once `untilMs` of performance.now() has come. */
  requests?: number;
  untilMs?: number;
}

export interface LoadResult {
  answered: number;
  seconds: number;
  latenciesMs: number[];
  /** Answers by their status. */
  statuses: Record<string, number>;
}

/**
 * Keep-alive connections that each send the next request when the answer is there. Spoken on bare sockets, because
 * Node's own client would take as much of the machine as the service that is measured.
 */
export async function load(plan: LoadPlan): Promise<LoadResult> {
  const result: LoadResult = { answered: 0, seconds: 0, latenciesMs: [], statuses: {} };
  const begin = performance.now();
  let sent = 0;
  const next = (): Buffer | null => {
    if (plan.requests !== undefined && sent >= plan.requests) return null;
    if (plan.untilMs !== undefined && performance.now() >= plan.untilMs) return null;
    return plan.request(sent++);
  };
  await Promise.all(Array.from({ length: plan.connections }, () => converse(plan.port, next, result)));
  result.seconds = (performance.now() - begin) / 1000;
  return result;
}

async function converse(port: number, next: () => Buffer | null, result: LoadResult): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  try {
    for (let request = next(); request; request = next()) {
      const begin = performance.now();
      const status = await exchange(socket, request);
      result.answered += 1;
      result.latenciesMs.push(performance.now() - begin);
      result.statuses[status] = (result.statuses[status] ?? 0) + 1;
    }
  } finally {
    socket.destroy();
  }
}

/** Sends one request; resolves with the status once the whole answer has come. */
function exchange(socket: Socket, request: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    let wholeLength = -1;
    const settle = (done: () => void): void => {
      socket.off('data', take).off('close', cut).off('error', cut);
      done();
    };
    const cut = (): void => settle(() => reject(new Error('the service closed the connection')));
    const take = (chunk: Buffer): void => {
      text += chunk.toString('latin1');
      if (wholeLength < 0) {
        const headEnd = text.indexOf('\r\n\r\n');
        if (headEnd < 0) return;
        const length = /\r\ncontent-length: (\d+)/i.exec(text)?.[1] ?? '0';
        wholeLength = headEnd + 4 + Number(length);
      }
      if (text.length >= wholeLength) settle(() => resolve(text.slice(9, 12)));
    };
    socket.on('data', take).on('close', cut).on('error', cut);
    socket.write(request);
  });
}

/** A POST of JSON as a client with a key sends it. */
export function postRequest(path: string, body: object, key: string | null): Buffer {
  const text = JSON.stringify(body);
  const head = [
    `POST ${path} HTTP/1.1`,
    'Host: localhost',
    ...(key === null ? [] : [`Authorization: Bearer ${key}`]),
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(text)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${text}`);
}
