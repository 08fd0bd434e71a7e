import type { Namespace, Socket } from 'socket.io';
import type { Caller } from '@app/auth';
import type { ClientToServerEvents, ServerToClientEvents } from '@app/contracts';

export interface SocketData {
  /** Set by the handshake, before anything else is listened to. */
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
