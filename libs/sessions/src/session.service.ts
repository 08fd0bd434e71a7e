import { Injectable } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { Database, newId, type Page, type PageRequest } from '@app/database';
import type { SessionEntity } from './session.entity.js';
import { SessionRepository } from './session.repository.js';

@Injectable()
export class SessionService {
  constructor(
    private readonly sessions: SessionRepository,
    private readonly database: Database,
  ) {}

  /** Throws SESSION_NOT_FOUND. */
  async get(sessionId: string): Promise<SessionEntity> {
    const session = await this.sessions.find(sessionId);
    if (!session) {
      throw new AppError(
        'SESSION_NOT_FOUND',
        `There is no session "${sessionId}". GET /api/sessions lists them.`,
      );
    }
    return session;
  }

  list(request: PageRequest): Promise<Page<SessionEntity>> {
    return this.sessions.list(request);
  }

  async create(wish: { title?: string; agent?: string }, createdBy: string | null): Promise<SessionEntity> {
    const session_id = newId();
    await this.database.insert(
      this.sessions.insertOf([
        {
          session_id,
          title: wish.title ?? null,
          agent: wish.agent ?? null,
          created_by: createdBy,
          total_tasks: 0,
        },
      ]),
    );
    return this.get(session_id);
  }

  async rename(sessionId: string, title: string): Promise<SessionEntity> {
    await this.get(sessionId);
    await this.sessions.rename(sessionId, title);
    return this.get(sessionId);
  }
}
