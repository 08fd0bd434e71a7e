import type { ConnectionRecords } from './connection-records.js';
import type { LiveSocket } from './live-socket.js';

/** Which sessions one socket looks at. However much of a session it watches, that is one record. */
export class SocketPresence {
  private readonly sessions = new Map<string, { watches: number; end: () => void }>();

  constructor(
    private readonly socket: LiveSocket,
    private readonly records: ConnectionRecords,
  ) {}

  /** Returns the function that leaves the session again. */
  enter(sessionId: string): () => void {
    const present = this.sessions.get(sessionId) ?? { watches: 0, end: this.begin(sessionId) };
    this.sessions.set(sessionId, present);
    present.watches += 1;
    return () => {
      present.watches -= 1;
      if (present.watches > 0) return;
      this.sessions.delete(sessionId);
      present.end();
    };
  }

  private begin(sessionId: string): () => void {
    const { handshake, conn, data } = this.socket;
    return this.records.begin({
      session_id: sessionId,
      transport: conn.transport.name,
      remote_address: handshake.address,
      user_agent: handshake.headers['user-agent']?.slice(0, 500) ?? null,
      key_id: data.caller.key_id,
    });
  }
}
