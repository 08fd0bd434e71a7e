import { Body, Controller, Delete, Get, HttpCode, Param, Post, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { AcceptsBody, CurrentCaller, RequireRole, type Caller } from '@app/auth';
import { AgentCatalog } from './agent-catalog.js';
import { AgentRegistry } from './agent-registry.js';
import { AgentResolutionView } from './agent-resolution.view.js';
import { AgentUploads } from '../uploads/agent-uploads.js';
import { AgentListView, AgentSummaryView, AgentView } from './agent.view.js';
import { MAX_TOTAL_BYTES } from '../folders/limits.js';
import { UploadAgentDto } from '../uploads/upload-agent.dto.js';

@ApiTags('agents')
@Controller('api/agents')
export class AgentsController {
  constructor(
    private readonly catalog: AgentCatalog,
    private readonly registry: AgentRegistry,
    private readonly uploads: AgentUploads,
  ) {}

  /** Lists the brain, the built-in agents and those of users. */
  @Get()
  async list(): Promise<AgentListView> {
    const agents = await this.catalog.list();
    return { items: agents.map(AgentSummaryView.of), next_cursor: null };
  }

  /** Stores an agent under /data/config/agents; an agent of the same name is replaced whole. */
  @Post('upload')
  @RequireRole('operator')
  @AcceptsBody({ maxBytes: MAX_TOTAL_BYTES * 2 })
  @ApiOkResponse({ type: AgentView, description: 'An agent of that name was replaced.' })
  async upload(
    @Body() wish: UploadAgentDto,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AgentView> {
    const { replaced } = await this.uploads.upload(wish, caller);
    response.status(replaced ? 200 : 201).setHeader('Location', `/api/agents/${wish.name}`);
    return this.get(wish.name);
  }

  /** Shows an agent with its CLAUDE.md and its skills. */
  @Get(':name')
  async get(@Param('name') name: string): Promise<AgentView> {
    return AgentView.of(await this.catalog.get(name), await this.registry.find(name));
  }

  /** Explains what a task for this agent would run with: which folder, which skills, which settings. */
  @Get(':name/resolution')
  async resolution(@Param('name') name: string): Promise<AgentResolutionView> {
    const agent = await this.catalog.get(name);
    return AgentResolutionView.of(agent, await this.catalog.attemptsPolicy(agent));
  }

  /** Deletes a user's agent; the built-in one that it overrode is used again. */
  @Delete(':name')
  @RequireRole('operator')
  @HttpCode(204)
  delete(@Param('name') name: string, @CurrentCaller() caller: Caller): Promise<void> {
    return this.uploads.delete(name, caller);
  }
}
