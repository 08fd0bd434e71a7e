import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

export type Direction = 'to-server' | 'to-client';

/** What a proxy does with the bytes of all its connections, the present ones and those to come. */
type Mode = 'pass' | 'blackhole' | 'reset';

/**
 * A wire that can be damaged: a loopback port in front of a server. Whatever it is told holds until it is told
 * something else; `cut`, `halfClose` and `stall` are single blows against the connections of the moment.
 */
export class TcpProxy {
  private readonly links = new Set<Link>();
  private mode: Mode = 'pass';
  private delayMs = 0;
  private limit: { direction: Direction; bytes: number } | null = null;
  private poison: Buffer | null = null;

  private constructor(
    private readonly server: Server,
    private readonly target: { host: string; port: number },
  ) {
    server.on('connection', (client) => this.accept(client));
  }

  /** A proxy before `127.0.0.1:port`. */
  static async before(port: number): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, { host: '127.0.0.1', port });
  }

  get port(): number {
    const address = this.server.address();
    if (address === null || typeof address === 'string') throw new Error('the proxy is closed');
    return address.port;
  }

  /** The same URL with this proxy in the server's place. */
  through(url: string): string {
    const changed = new URL(url);
    changed.hostname = '127.0.0.1';
    changed.port = String(this.port);
    return changed.href;
  }

  /** Connections that are open now. */
  get connections(): number {
    return this.links.size;
  }

  /** Everything is well again. What a blackhole held back arrives now, as after a network partition. */
  pass(): void {
    this.delayMs = 0;
    this.limit = null;
    this.poison = null;
    this.become('pass');
  }

  /** Each piece arrives so much later, in both directions. */
  delay(ms: number): void {
    this.delayMs = ms;
    this.become('pass');
  }

  /** Connections stay open, new ones are accepted, and no byte moves in either direction. */
  blackhole(): void {
    this.become('blackhole');
  }

  /** A blow against the connections of the moment: no byte moves on them any more. New ones are served. */
  stall(): void {
    for (const link of this.links) link.flow(false);
  }

  /** Present and new connections are reset, as when nobody listens. */
  reset(): void {
    this.become('reset');
  }

  /** Resets the present connections; new ones are served. */
  cut(): void {
    for (const link of this.links) link.reset();
  }

  /** The server seems to have said goodbye: no more bytes come from it, while what clients send still arrives. */
  halfClose(): void {
    for (const link of this.links) link.halfClose();
  }

  /** From now on each connection is reset after so many more bytes in that direction. */
  cutAfter(bytes: number, direction: Direction): void {
    this.limit = { direction, bytes };
    for (const link of this.links) link.limit(this.limit);
  }

  /**
   * Once: when a client sends these bytes, the server gets them, and its answer is lost with the connection. So a
   * COMMIT is done and nobody knows.
   */
  loseAnswerTo(request: string): void {
    this.poison = Buffer.from(request);
  }

  /** Whether the answer that `loseAnswerTo` named was lost. */
  get answerWasLost(): boolean {
    return this.poison === null;
  }

  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.cut();
    await closed;
  }

  private become(mode: Mode): void {
    this.mode = mode;
    for (const link of this.links) this.apply(link);
  }

  private apply(link: Link): void {
    if (this.mode === 'reset') link.reset();
    else link.flow(this.mode === 'pass');
  }

  private accept(client: Socket): void {
    if (this.mode === 'reset') {
      client.on('error', () => undefined);
      client.resetAndDestroy();
      return;
    }
    const link = new Link(client, connect({ ...this.target, allowHalfOpen: true }), {
      delayMs: () => this.delayMs,
      losesAnswerTo: (bytes) => {
        if (!this.poison || !bytes.includes(this.poison)) return false;
        this.poison = null;
        return true;
      },
    });
    this.links.add(link);
    link.onEnd = () => this.links.delete(link);
    if (this.limit) link.limit(this.limit);
    this.apply(link);
  }
}

interface Orders {
  delayMs(): number;
  losesAnswerTo(bytes: Buffer): boolean;
}

/** One connection of a client and the one to the server that belongs to it. */
class Link {
  onEnd: () => void = () => undefined;
  private readonly timers = new Set<NodeJS.Timeout>();
  private left: { direction: Direction; bytes: number } | null = null;
  private answerIsLost = false;
  private over = false;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly orders: Orders,
  ) {
    this.carry(client, server, 'to-server');
    this.carry(server, client, 'to-client');
    for (const socket of [client, server]) {
      socket.on('error', () => this.reset());
      socket.on('close', () => {
        if (client.destroyed && server.destroyed) this.end();
      });
    }
  }

  flow(on: boolean): void {
    for (const socket of [this.client, this.server]) {
      if (on) socket.resume();
      else socket.pause();
    }
  }

  limit(limit: { direction: Direction; bytes: number }): void {
    this.left = { ...limit };
  }

  halfClose(): void {
    this.client.end();
  }

  reset(): void {
    for (const socket of [this.client, this.server]) breakOff(socket);
    this.end();
  }

  private carry(from: Socket, to: Socket, direction: Direction): void {
    from.on('data', (bytes: Buffer) => this.later(() => this.pass(bytes, to, direction)));
    from.on('end', () => this.later(() => void to.end()));
  }

  /** Timers of the same length fire in the order in which they were set: the bytes stay in order. */
  private later(step: () => void): void {
    const delayMs = this.orders.delayMs();
    if (delayMs === 0 && this.timers.size === 0) {
      step();
      return;
    }
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      step();
    }, delayMs);
    this.timers.add(timer);
  }

  private pass(bytes: Buffer, to: Socket, direction: Direction): void {
    if (this.over) return;
    if (direction === 'to-server' && this.orders.losesAnswerTo(bytes)) this.answerIsLost = true;
    if (direction === 'to-client' && this.answerIsLost) {
      this.reset();
      return;
    }
    if (this.left?.direction !== direction) {
      if (to.writable) to.write(bytes);
      return;
    }
    const allowed = bytes.subarray(0, this.left.bytes);
    this.left.bytes -= allowed.length;
    if (this.left.bytes > 0) to.write(allowed);
    // The last bytes leave before the connection does.
    else to.write(allowed, () => this.reset());
  }

  private end(): void {
    if (this.over) return;
    this.over = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.onEnd();
  }
}

/** A socket that has said its end cannot be reset any more: libuv refuses, and Node would keep its handle for ever. */
function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}
