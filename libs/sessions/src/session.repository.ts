import { Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { after, Database, insertRows, page, type Page, type PageRequest } from '@app/database';
import { SessionEntity } from './session.entity.js';

export type NewSession = Pick<SessionEntity, 'session_id' | 'title' | 'agent' | 'created_by' | 'total_tasks'>;

/** Sessions in the database. Methods that take a manager are steps of somebody else's transaction. */
@Injectable()
export class SessionRepository {
  constructor(private readonly database: Database) {}

  find(sessionId: string): Promise<SessionEntity | null> {
    return this.database.read.findOneBy(SessionEntity, { session_id: sessionId });
  }

  async list(request: PageRequest): Promise<Page<SessionEntity>> {
    const query = this.database.read.createQueryBuilder(SessionEntity, 'session');
    after(query, 'session', 'session_id', request);
    return page(await query.getMany(), request.limit, (row) => [row.created_at, row.session_id]);
  }

  async insert(manager: EntityManager, sessions: readonly NewSession[]): Promise<void> {
    const now = new Date().toISOString();
    const rows = sessions.map((session) => ({ ...session, created_at: now, last_activity_at: now }));
    await insertRows(manager, 'sessions', rows);
  }

  /** Counts new tasks. The row stays locked until the transaction ends. */
  async countTasks(manager: EntityManager, sessionId: string, count: number): Promise<void> {
    await manager.query(
      'UPDATE sessions SET total_tasks = total_tasks + $1, last_activity_at = $2 WHERE session_id = $3',
      [count, new Date().toISOString(), sessionId],
    );
  }

  async addCost(manager: EntityManager, sessionId: string, costUsd: number): Promise<void> {
    await manager.query(
      'UPDATE sessions SET total_cost_usd = total_cost_usd + $1, last_activity_at = $2 WHERE session_id = $3',
      [costUsd, new Date().toISOString(), sessionId],
    );
  }

  /** Serialises what transactions do to the tasks of one session. SQLite has one at a time anyway. */
  async lock(manager: EntityManager, sessionId: string): Promise<void> {
    if (this.database.dialect === 'sqlite') return;
    await manager.query('SELECT 1 FROM sessions WHERE session_id = $1 FOR UPDATE', [sessionId]);
  }

  async rename(sessionId: string, title: string): Promise<void> {
    await this.database.write((manager) =>
      manager.update(SessionEntity, { session_id: sessionId }, { title }),
    );
  }

  async setConversation(
    sessionId: string,
    conversation: Pick<SessionEntity, 'engine_session_id' | 'workspace' | 'machine_id'>,
  ): Promise<void> {
    await this.database.write((manager) =>
      manager.update(SessionEntity, { session_id: sessionId }, conversation),
    );
  }
}
