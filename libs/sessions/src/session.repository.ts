import { Injectable } from '@nestjs/common';
import { In, type EntityManager } from 'typeorm';
import {
  after,
  Database,
  givenJson,
  givenRows,
  insertOf,
  page,
  type GivenColumns,
  type GivenInsert,
  type Page,
  type PageRequest,
} from '@app/database';
import { SessionEntity } from './session.entity.js';

export type NewSession = Pick<SessionEntity, 'session_id' | 'title' | 'agent' | 'created_by' | 'total_tasks'>;

/** Where a session goes on: the engine's id of the conversation, and where its files are. */
export type Conversation = Pick<SessionEntity, 'engine_session_id' | 'workspace' | 'machine_id'>;

export type LockedSession = Pick<SessionEntity, 'engine_session_id'>;

/** Cost is added; what is not given stays. */
export type SessionNote = { session_id: string; cost_usd: number } & Partial<Conversation>;

const NEW_SESSION = {
  session_id: 'text',
  title: 'text',
  agent: 'text',
  created_by: 'text',
  total_tasks: 'integer',
  created_at: 'text',
  last_activity_at: 'text',
} as const satisfies GivenColumns;

const NOTE = {
  session_id: 'text',
  cost_usd: 'double precision',
  engine_session_id: 'text',
  workspace: 'text',
  machine_id: 'text',
  at: 'text',
} as const satisfies GivenColumns;

/** Sessions in the database. Methods that take a manager are steps of somebody else's transaction. */
@Injectable()
export class SessionRepository {
  constructor(private readonly database: Database) {}

  find(sessionId: string): Promise<SessionEntity | null> {
    return this.database.read.findOneBy(SessionEntity, { session_id: sessionId });
  }

  /** Those of them that there are. */
  findAll(sessionIds: readonly string[]): Promise<SessionEntity[]> {
    return this.database.read.findBy(SessionEntity, { session_id: In([...sessionIds]) });
  }

  async list(request: PageRequest): Promise<Page<SessionEntity>> {
    const query = this.database.read.createQueryBuilder(SessionEntity, 'session');
    after(query, 'session', 'session_id', request);
    return page(await query.getMany(), request.limit, (row) => [row.created_at, row.session_id]);
  }

  insertOf(sessions: readonly NewSession[]): GivenInsert {
    const now = new Date().toISOString();
    const rows = sessions.map((session) => ({ ...session, created_at: now, last_activity_at: now }));
    return insertOf('sessions', NEW_SESSION, rows);
  }

  /** Counts new tasks. The row stays locked until the transaction ends. */
  async countTasks(manager: EntityManager, sessionId: string, count: number): Promise<void> {
    await manager.query(
      'UPDATE sessions SET total_tasks = total_tasks + $1, last_activity_at = $2 WHERE session_id = $3',
      [count, new Date().toISOString(), sessionId],
    );
  }

  /** What runs found out about their sessions. In one order, so that transactions do not wait for each other in a ring. */
  async note(manager: EntityManager, notes: readonly SessionNote[]): Promise<void> {
    if (notes.length === 0) return;
    const given = givenRows(this.database.dialect, NOTE);
    const [locked, join] =
      this.database.dialect === 'sqlite'
        ? ['', '']
        : [
            `WITH locked AS (SELECT session_id AS id FROM sessions
              WHERE session_id IN (SELECT session_id FROM ${given}) ORDER BY session_id FOR UPDATE)`,
            'JOIN locked ON locked.id = given.session_id',
          ];
    await manager.query(
      `${locked} UPDATE sessions SET total_cost_usd = sessions.total_cost_usd + given.cost_usd,
         engine_session_id = COALESCE(given.engine_session_id, sessions.engine_session_id),
         workspace = COALESCE(given.workspace, sessions.workspace),
         machine_id = COALESCE(given.machine_id, sessions.machine_id), last_activity_at = given.at
       FROM ${given} ${join} WHERE sessions.session_id = given.session_id`,
      [givenJson(notes.map((note) => ({ ...note, at: new Date().toISOString() })))],
    );
  }

  /**
   * Serialises what transactions do to the tasks of these sessions, and says where each goes on. SQLite has one
   * transaction at a time anyway.
   */
  async lock(manager: EntityManager, sessionIds: readonly string[]): Promise<Map<string, LockedSession>> {
    if (sessionIds.length === 0) return new Map();
    const { dialect } = this.database;
    const rows = await manager.query<(LockedSession & { session_id: string })[]>(
      `SELECT session_id, engine_session_id FROM sessions
       WHERE session_id IN (SELECT session_id FROM ${givenRows(dialect, { session_id: 'text' })})
       ${dialect === 'sqlite' ? '' : 'ORDER BY session_id FOR UPDATE'}`,
      [givenJson(sessionIds.map((session_id) => ({ session_id })))],
    );
    return new Map(rows.map((row) => [row.session_id, row]));
  }

  async rename(sessionId: string, title: string): Promise<void> {
    await this.database.write((manager) =>
      manager.update(SessionEntity, { session_id: sessionId }, { title }),
    );
  }
}
