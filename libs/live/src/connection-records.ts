import { Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { SessionConnections, type NewConnection } from '@app/sessions';

/**
 * Notes in the database who watches which session, and until when. Watching does not wait for it, and goes on when
 * it fails: a full disk must not keep anybody from looking.
 */
@Injectable()
export class ConnectionRecords implements OnApplicationShutdown {
  private readonly logger = new Logger(ConnectionRecords.name);
  private readonly open = new Set<() => Promise<void>>();

  constructor(private readonly connections: SessionConnections) {}

  /** Returns the function that notes the end. */
  begin(connection: NewConnection): () => void {
    const opened = this.connections.open(connection);
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
    await Promise.all([...this.open].map((end) => end()));
  }
}
