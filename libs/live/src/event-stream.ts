import type { ServerResponse } from 'node:http';
import { isTerminalEvent, type TaskEvent } from '@app/contracts';
import { Gate } from './gate.js';
import type { EventSink } from './task-cursor.js';

const PING_EVERY_MS = 15_000;
const RETRY_AFTER_MS = 2000;

/** A response as Server-Sent Events, up to the terminal event of a task. */
export class EventStream implements EventSink {
  readonly turns = new Gate(1);
  private readonly ping: NodeJS.Timeout;
  private drained: Promise<void> | null = null;

  constructor(private readonly response: ServerResponse) {
    response.writeHead(200, {
      'Content-Type': 'text/event-stream; charset=utf-8',
      'Cache-Control': 'no-store',
      // Proxies of the nginx family would collect what should arrive at once.
      'X-Accel-Buffering': 'no',
    });
    response.write(`retry: ${RETRY_AFTER_MS}\n\n`);
    this.ping = setInterval(() => this.write(': ping\n\n'), PING_EVERY_MS);
    response.on('close', () => clearInterval(this.ping));
  }

  send(events: readonly TaskEvent[]): void {
    if (this.response.writableEnded) return;
    const end = events.findIndex(({ type }) => isTerminalEvent(type));
    const shown = end < 0 ? events : events.slice(0, end + 1);
    this.response.write(shown.map(frameOf).join(''));
    if (end >= 0) this.end();
  }

  room(): Promise<void> | null {
    const { response } = this;
    if (!response.writableNeedDrain || response.destroyed) return null;
    this.drained ??= new Promise((resolve) => {
      const done = (): void => {
        response.off('drain', done).off('close', done);
        this.drained = null;
        resolve();
      };
      response.on('drain', done).on('close', done);
    });
    return this.drained;
  }

  end(): void {
    clearInterval(this.ping);
    this.response.end();
  }

  /** Only where something else does not keep the connection busy. */
  private write(text: string): void {
    if (!this.response.writableEnded && this.room() === null) this.response.write(text);
  }
}

function frameOf(event: TaskEvent): string {
  return `id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;
}
