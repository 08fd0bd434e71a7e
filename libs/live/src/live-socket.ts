import type { Namespace, Socket } from 'socket.io';
import type { Caller } from '@app/auth';
import type { ClientToServerEvents, ServerToClientEvents } from '@app/contracts';
import type { CursorSink } from './task-cursor.js';

export interface SocketData {
  caller: Caller;
}

export type LiveSocket = Socket<
  ClientToServerEvents,
  ServerToClientEvents,
  Record<string, never>,
  SocketData
>;
export type LiveNamespace = Namespace<
  ClientToServerEvents,
  ServerToClientEvents,
  Record<string, never>,
  SocketData
>;

/** Packets that may wait for a slow reader before its cursors pause. */
const MAX_WAITING_PACKETS = 256;

/**
 * A socket as the place where events go; made once per socket, because all its watches share its buffer. What
 * engine.io holds back for a slow reader is the packets created since its last drain.
 */
export function sinkOf(socket: LiveSocket): CursorSink {
  const { conn } = socket;
  let waiting = 0;
  conn.on('packetCreate', () => (waiting += 1));
  conn.on('drain', () => (waiting = 0));
  return {
    send: (events) => {
      for (const event of events) socket.emit('task.event', event);
    },
    room: () => (waiting > MAX_WAITING_PACKETS && socket.connected ? drained(socket) : null),
  };
}

function drained({ conn }: LiveSocket): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      conn.off('drain', done);
      conn.off('close', done);
      resolve();
    };
    conn.on('drain', done);
    conn.on('close', done);
  });
}
