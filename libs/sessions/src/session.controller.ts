import { Body, Controller, Get, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, RequireRole, type Caller } from '@app/auth';
import { PageQueryDto } from '@app/database';
import { CreateSessionDto, RenameSessionDto } from './session.dto.js';
import { SessionConnections } from './session-connection.repository.js';
import { SessionService } from './session.service.js';
import {
  SessionConnectionListView,
  SessionConnectionView,
  SessionListView,
  SessionView,
} from './session.view.js';

@ApiTags('sessions')
@Controller('api/sessions')
export class SessionController {
  constructor(
    private readonly sessions: SessionService,
    private readonly connections: SessionConnections,
  ) {}

  @Post()
  @RequireRole('operator')
  async create(@Body() wish: CreateSessionDto, @CurrentCaller() caller: Caller): Promise<SessionView> {
    return SessionView.of(await this.sessions.create(wish, caller.key_id));
  }

  @Get()
  async list(@Query() query: PageQueryDto): Promise<SessionListView> {
    const { items, next_cursor } = await this.sessions.list(query);
    return { items: items.map(SessionView.of), next_cursor };
  }

  @Get(':session_id')
  async get(@Param('session_id') sessionId: string): Promise<SessionView> {
    return SessionView.of(await this.sessions.get(sessionId));
  }

  @Patch(':session_id')
  @RequireRole('operator')
  async rename(@Param('session_id') sessionId: string, @Body() wish: RenameSessionDto): Promise<SessionView> {
    return SessionView.of(await this.sessions.rename(sessionId, wish.title));
  }

  @Get(':session_id/connections')
  async listConnections(@Param('session_id') sessionId: string): Promise<SessionConnectionListView> {
    await this.sessions.get(sessionId);
    const rows = await this.connections.list(sessionId);
    return { items: rows.map(SessionConnectionView.of), next_cursor: null };
  }
}
