import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import { setImmediate as turn, setTimeout as delay } from 'node:timers/promises';

/** The next request on a connection that is kept open may be on its way for so long. */
const SETTLE_MS = 300;
const LIMIT_MS = 5000;
const LOOK_EVERY_MS = 20;
/** A turn of the event loop that had nothing to do. */
const SHORT_TURN_MS = 0.1;
/** Turns to wait for such a one, in which nobody new comes either. */
const MOST_TURNS = 1000;

/**
 * The requests that are being answered, so that a shutdown cuts none of them off. Once it closes, every answer tells
 * its client to use this connection no more, and streams end: their readers go on elsewhere from the place they had.
 */
export class OpenRequests {
  private readonly open = new Set<ServerResponse>();
  private readonly connections = new Set<Socket>();
  private greeted = 0;
  private closing = false;

  readonly watch = (_request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    if (this.closing) response.setHeader('Connection', 'close');
    this.open.add(response);
    response.once('close', () => this.open.delete(response));
    next();
  };

  readonly greet = (connection: Socket): void => {
    this.greeted += 1;
    this.connections.add(connection);
    connection.once('close', () => this.connections.delete(connection));
  };

  /** The server goes on answering, and its clients look for another one with their next request. */
  turnAway(): void {
    this.closing = true;
    for (const response of this.open) if (!response.headersSent) response.setHeader('Connection', 'close');
  }

  /** Accepts no more connections, and resolves when what was asked is answered: within five seconds. */
  async finish(server: Server): Promise<void> {
    this.turnAway();
    await this.lull();
    // Not the method of the HTTP server: that one also ends connections whose request is on its way.
    if (server.listening) NetServer.prototype.close.call(server);
    for (const response of this.open) if (isStream(response)) response.end();
    const startedMs = performance.now();
    const elapsedMs = (): number => performance.now() - startedMs;
    while (elapsedMs() < SETTLE_MS || (this.isAsked && elapsedMs() < LIMIT_MS)) {
      await delay(LOOK_EVERY_MS);
      // After a busy moment timers come first, and requests that have arrived long ago are not read yet.
      await turn();
    }
    // What ends next takes its time, and a request that came on one of them meanwhile would be cut off with them all.
    server.closeIdleConnections();
  }

  /**
   * Resolves right after a turn of the event loop that was short and let nobody in. Who has connected and is not let in
   * yet is reset by the system when the server stops to listen. A turn asks for those at its begin, so they are the ones
   * that came since then: hardly anybody in a short one.
   */
  private async lull(): Promise<void> {
    // The turn that is going on may have asked long ago.
    await turn();
    for (let turns = 0; turns < MOST_TURNS; turns += 1) {
      const known = this.greeted;
      const startedMs = performance.now();
      await turn();
      if (known === this.greeted && performance.now() - startedMs < SHORT_TURN_MS) return;
    }
  }

  /** Something is being answered, or somebody was let in and has not said yet what they want. */
  private get isAsked(): boolean {
    return this.open.size > 0 || [...this.connections].some(({ bytesRead }) => bytesRead === 0);
  }
}

function isStream(response: ServerResponse): boolean {
  return String(response.getHeader('Content-Type') ?? '').startsWith('text/event-stream');
}
