import { Controller, Delete, Get, HttpCode, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, RequireRole, type Caller } from '@app/auth';
import { exportOf } from '../archive/export.js';
import { authorOf } from '../uploads/author.js';
import { FolderChanges } from '../uploads/folder-changes.js';
import { NoteDto } from '../uploads/note.dto.js';
import { AgentCatalog } from './agent-catalog.js';
import { AgentRegistry } from './agent-registry.js';
import { AgentResolutionView } from './agent-resolution.view.js';
import { AgentRules } from './agent-rules.js';
import { AgentListView, AgentView } from './agent.view.js';

@ApiTags('agents')
@Controller('api/agents')
export class AgentsController {
  constructor(
    private readonly catalog: AgentCatalog,
    private readonly registry: AgentRegistry,
    private readonly changes: FolderChanges,
    private readonly rules: AgentRules,
  ) {}

  /** Lists the brain, the built-in agents and those of users. */
  @Get()
  async list(): Promise<AgentListView> {
    return AgentListView.of(await this.catalog.list(), this.registry.rebuiltAt);
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

  /** Gives all files of an agent as a zip archive that can be uploaded again; the same files give the same bytes. */
  @Get(':name/export')
  @ApiProduces('application/zip')
  async export(@Param('name') name: string): Promise<StreamableFile> {
    const { place, files } = await this.catalog.get(name);
    return exportOf(place.name, files);
  }

  /** Deletes a user's agent; the built-in one that it overrode is used again. Its versions stay. */
  @Delete(':name')
  @RequireRole('operator')
  @HttpCode(204)
  delete(
    @Param('name') name: string,
    @Query() query: NoteDto,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.changes.remove(this.rules, name, authorOf(caller, query));
  }
}
