import { Socket } from 'node:net';
import pg, { type PoolClient, type PoolConfig } from 'pg';
import { askServer, type ServerView } from './ask-server.js';
import { MarkedClient } from './marked-client.js';
import { nameStatements } from './named-statements.js';

/** A connection that broke: pg says so by texts alone, and callers decide by codes. */
class LostConnection extends Error {
  constructor(
    readonly code: 'ECONNRESET' | 'ETIMEDOUT',
    cause?: unknown,
  ) {
    super('the connection to Postgres was lost', { cause });
    this.name = 'LostConnection';
  }
}

/** Waiting for a free connection, or for a new one. */
export const CONNECT_LIMIT_MS = 1500;
/** A server that says nothing for so long while it is asked something is tested. */
const SILENCE_MS = 900;
const LOOK_EVERY_MS = 100;
/** Who has waited for a connection must not wait as long again for an answer on it, but for so long at least. */
const LEAST_SILENCE_MS = 200;
/** How long it counts as known that the server does not answer. */
const KNOWN_FOR_MS = 1000;

/** How long a connection may say nothing, and since when it has. */
interface Silence {
  bytesRead: number;
  sinceMs: number;
  limitMs: number;
  /** What the server said when it was last asked: since when it waits for a statement of ours. */
  idleSince: string | null;
  asking: boolean;
}

type ConnectCallback = (
  error: Error | undefined,
  client: PoolClient | undefined,
  done: (release?: boolean | Error) => void,
) => void;

/**
 * A pool whose queries fail within two seconds when the server or the network is gone without a word, and which is
 * rid of the dead connections then. A query that is merely slow is let alone: while some connection is silent, a
 * fresh one shows whether the server answers at all, and whether it works for the silent one. A server that waits for a
 * statement, all the while we wait for its answer, and twice says so, will never get the one or we the other: that
 * connection alone is lost. All failures of a connection carry a code.
 */
export class PostgresPool extends pg.Pool {
  private readonly busy = new Map<PoolClient, Silence>();
  private looking: NodeJS.Timeout | null = null;
  private asked: Promise<ServerView | null> | null = null;
  private knownSilentUntilMs = 0;

  constructor(private readonly config: PoolConfig) {
    super({ ...config, Client: MarkedClient });
    this.on('connect', (client) => {
      failWithCode(client);
      nameStatements(client);
      // Whoever takes it listens a moment later. A server that greets and dies within one packet must not end the process.
      client.on('error', () => undefined);
      // Not sooner: TypeORM forgets a pool that cannot connect, without ending it.
      if (!this.ending) this.looking ??= setInterval(() => this.look(), LOOK_EVERY_MS).unref();
    });
    this.on('acquire', (client) =>
      this.busy.set(client, {
        bytesRead: -1,
        sinceMs: performance.now(),
        limitMs: SILENCE_MS,
        idleSince: null,
        asking: false,
      }),
    );
    this.on('release', (_error, client) => this.busy.delete(client));
    this.on('remove', (client) => this.busy.delete(client));
  }

  override connect(): Promise<PoolClient>;
  override connect(callback: ConnectCallback): void;
  override connect(callback?: ConnectCallback): Promise<PoolClient> | void {
    if (!callback) {
      return new Promise((resolve, reject) =>
        this.connect((error, client) =>
          client ? resolve(client) : reject(error ?? new LostConnection('ECONNRESET')),
        ),
      );
    }
    const askedMs = performance.now();
    // Without a promise between: a connection that breaks before its taker listens for errors ends the process.
    super.connect((error, client, done) => {
      const silence = client && this.busy.get(client);
      if (silence) silence.limitMs = Math.max(LEAST_SILENCE_MS, SILENCE_MS - (performance.now() - askedMs));
      callback(error && withCode(error), client, done);
    });
  }

  override end(): Promise<void>;
  override end(callback: () => void): void;
  override end(callback?: () => void): Promise<void> | void {
    if (this.looking) clearInterval(this.looking);
    return callback ? super.end(callback) : super.end();
  }

  private look(): void {
    const nowMs = performance.now();
    for (const [client, silence] of this.busy) {
      const bytesRead = bytesReadBy(client);
      if (bytesRead !== silence.bytesRead) {
        if (silence.bytesRead >= 0) {
          this.knownSilentUntilMs = 0;
          silence.limitMs = SILENCE_MS;
        }
        Object.assign(silence, { bytesRead, sinceMs: nowMs, idleSince: null });
      } else if (!silence.asking && nowMs - silence.sinceMs >= silence.limitMs) {
        silence.asking = true;
        void this.cutIfDead(client, silence).finally(() => (silence.asking = false));
      }
    }
  }

  private async cutIfDead(client: PoolClient, silence: Silence): Promise<void> {
    const { bytesRead, idleSince: toldBefore } = silence;
    let dead = performance.now() < this.knownSilentUntilMs;
    if (!dead) {
      this.asked ??= askServer(this.config, [...this.busy.keys()]).finally(() => (this.asked = null));
      const view = await this.asked;
      if (!view) this.knownSilentUntilMs = performance.now() + KNOWN_FOR_MS;
      // Idle while somebody holds it between two statements, it is as it should be.
      const idleSince = client.readyForQuery ? null : (view?.idleSince(client) ?? null);
      // Once may be the moment before a statement arrives, or after its answer has left.
      dead = view === null || (idleSince !== null && idleSince === toldBefore);
      // A slow statement is asked about again, but not ten times a second: each time is a connection.
      if (!dead) Object.assign(silence, { sinceMs: performance.now(), limitMs: SILENCE_MS, idleSince });
    }
    // It may have answered at last, also because this process itself was too busy to listen.
    if (this.busy.get(client) !== silence || bytesReadBy(client) !== bytesRead) silence.idleSince = null;
    else if (dead) client.connection.stream.destroy(new LostConnection('ETIMEDOUT'));
  }
}

/** When the server closes a connection, pg tells the query that waits in words. We are quicker. */
function failWithCode(client: PoolClient): void {
  const { stream } = client.connection;
  stream.prependListener('end', () => void stream.destroy(new LostConnection('ECONNRESET')));
}

function bytesReadBy(client: PoolClient): number {
  const { stream } = client.connection;
  return stream instanceof Socket ? stream.bytesRead : 0;
}

function withCode(error: Error): Error {
  return 'code' in error ? error : new LostConnection('ETIMEDOUT', error);
}
