import type { TaskEvent } from '@app/contracts';
import { Gate } from './gate.js';
import type { LiveSocket } from './live-socket.js';
import type { EventSink } from './task-cursor.js';

/** What may wait in engine.io for a slow reader before its cursors pause, in characters. */
const MAX_WAITING_CHARS = 64 * 1024;
const TURNS = 2;

/**
 * A socket as the place where events go. engine.io hands its buffer to the transport when the transport has passed
 * the one before it on to the operating system (or to a poll), and says so by `drain`. So what waits is what was
 * created since then, and beside it at most one batch is on its way.
 */
export class SocketSink implements EventSink {
  readonly turns = new Gate(TURNS);
  private waitingChars = 0;
  private drained: Promise<void> | null = null;
  private release: () => void = () => undefined;

  constructor(private readonly socket: LiveSocket) {
    const { conn } = socket;
    const created = ({ data }: { data?: unknown }): void => {
      this.waitingChars += typeof data === 'string' ? data.length : 0;
    };
    const drain = (): void => {
      this.waitingChars = 0;
      this.release();
    };
    conn.on('packetCreate', created);
    conn.on('drain', drain);
    socket.on('disconnect', () => {
      // The connection may live on and be used for another socket.
      conn.off('packetCreate', created);
      conn.off('drain', drain);
      drain();
    });
  }

  send(events: readonly TaskEvent[]): void {
    for (const event of events) this.socket.emit('task.event', event);
  }

  room(): Promise<void> | null {
    if (this.waitingChars <= MAX_WAITING_CHARS || !this.socket.connected) return null;
    this.drained ??= new Promise((resolve) => {
      this.release = () => {
        this.drained = null;
        resolve();
      };
    });
    return this.drained;
  }
}
