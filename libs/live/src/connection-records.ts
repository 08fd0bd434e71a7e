import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { SessionConnections, type NewConnection } from '@app/sessions';
import { WorkerPresence, WorkerRepository } from '@app/workers';

/** A process that was not seen for this long has crashed: what it left open is over. */
const GONE_SECONDS = 60;
const TIDY_EVERY_MS = 60_000;

/**
 * Notes in the database who watches which session, and until when. Watching does not wait for it, and goes on when
 * it fails: a full disk must not keep anybody from looking.
 */
@Injectable()
export class ConnectionRecords implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(ConnectionRecords.name);
  private readonly open = new Set<() => Promise<void>>();

  private timer: NodeJS.Timeout | null = null;

  constructor(
    private readonly connections: SessionConnections,
    private readonly workers: WorkerRepository,
    private readonly presence: WorkerPresence,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.timer = setInterval(() => void this.closeLeftBehind(), TIDY_EVERY_MS);
    await this.closeLeftBehind();
  }

  /** Returns the function that notes the end. */
  begin(connection: Omit<NewConnection, 'worker_id'>): () => void {
    const opened = this.connections.open({ ...connection, worker_id: this.presence.workerId });
    const end = async (): Promise<void> => {
      try {
        await this.connections.close(await opened);
      } catch (error) {
        this.logger.warn({ err: error, sessionId: connection.session_id }, 'a connection was not recorded');
      } finally {
        this.open.delete(end);
      }
    };
    this.open.add(end);
    let ended = false;
    // A failure is told at the end, where the two are one.
    opened.catch(() => undefined);
    return () => {
      if (!ended) void end();
      ended = true;
    };
  }

  /** Ends that are still being written, and those that nobody came to tell. */
  async onApplicationShutdown(): Promise<void> {
    if (this.timer) clearInterval(this.timer);
    await Promise.all([...this.open].map((end) => end()));
  }

  /** Of processes that crashed, on this machine or another; never of those that are alive. */
  private async closeLeftBehind(): Promise<void> {
    try {
      const alive = await this.workers.idsSeenWithin(GONE_SECONDS);
      const closed = await this.connections.closeAllBut([this.presence.workerId, ...alive]);
      if (closed > 0) this.logger.log(`ended the record of ${closed} connections that a crash left open`);
    } catch (error) {
      this.logger.warn({ err: error }, 'connections that a crash left open could not be ended');
    }
  }
}
