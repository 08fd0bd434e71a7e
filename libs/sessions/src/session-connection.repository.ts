import { Injectable } from '@nestjs/common';
import { In, IsNull, Not, Or } from 'typeorm';
import { Database, newId } from '@app/database';
import { SessionConnectionEntity } from './session-connection.entity.js';

export type NewConnection = Pick<
  SessionConnectionEntity,
  'session_id' | 'transport' | 'remote_address' | 'user_agent' | 'key_id' | 'worker_id'
>;

/** Who watches which session, and who did: one row per connection. */
@Injectable()
export class SessionConnections {
  constructor(private readonly database: Database) {}

  async open(connection: NewConnection): Promise<string> {
    const connection_id = newId();
    await this.database.write((manager) =>
      manager.insert(SessionConnectionEntity, {
        ...connection,
        connection_id,
        connected_at: new Date().toISOString(),
      }),
    );
    return connection_id;
  }

  async close(connectionId: string): Promise<void> {
    await this.database.write((manager) =>
      manager.update(
        SessionConnectionEntity,
        { connection_id: connectionId, disconnected_at: IsNull() },
        { disconnected_at: new Date().toISOString() },
      ),
    );
  }

  /** Ends what processes that are gone left open, by a crash. Returns how many there were. */
  async closeAllBut(workerIds: readonly string[]): Promise<number> {
    const { affected } = await this.database.write((manager) =>
      manager.update(
        SessionConnectionEntity,
        { disconnected_at: IsNull(), worker_id: Or(IsNull(), Not(In([...workerIds]))) },
        { disconnected_at: new Date().toISOString() },
      ),
    );
    return affected ?? 0;
  }

  list(sessionId: string): Promise<SessionConnectionEntity[]> {
    return this.database.read.find(SessionConnectionEntity, {
      where: { session_id: sessionId },
      order: { connected_at: 'DESC' },
      take: 200,
    });
  }
}
