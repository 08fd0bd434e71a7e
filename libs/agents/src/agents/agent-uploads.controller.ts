import { Body, Controller, HttpCode, Param, Post, Put, Res } from '@nestjs/common';
import { ApiOkResponse, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentCaller, RequireRole, type Caller } from '@app/auth';
import { UploadedArchive } from '../archive/archive.interceptor.js';
import { CheckView } from '../checks/check.view.js';
import { UploadChecks } from '../checks/upload-checks.js';
import type { FolderFiles } from '../folders/folder-files.js';
import { AcceptsArchive } from '../uploads/accepts-archive.js';
import { authorOf } from '../uploads/author.js';
import { CopyDto } from '../uploads/copy.dto.js';
import { ReplaceAgentDto, UploadAgentDto } from '../uploads/upload-agent.dto.js';
import { AgentCatalog } from './agent-catalog.js';
import { AgentRegistry } from './agent-registry.js';
import { AgentUploads } from './agent-uploads.js';
import { AgentView } from './agent.view.js';

@ApiTags('agents')
@Controller('api/agents')
export class AgentUploadsController {
  constructor(
    private readonly catalog: AgentCatalog,
    private readonly registry: AgentRegistry,
    private readonly uploads: AgentUploads,
    private readonly checks: UploadChecks,
  ) {}

  /** Stores an agent under /data/config/agents; an agent of the same name is replaced whole. */
  @Post('upload')
  @RequireRole('operator')
  @AcceptsArchive()
  @ApiOkResponse({ type: AgentView, description: 'An agent of that name was replaced.' })
  async upload(
    @Body() wish: UploadAgentDto,
    @UploadedArchive() archive: FolderFiles | null,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AgentView> {
    const { name, replaced } = await this.uploads.upload(wish, archive, authorOf(caller, wish));
    response.status(replaced ? 200 : 201).setHeader('Location', `/api/agents/${name}`);
    return this.show(name);
  }

  /** Says what is wrong with an agent, with lines, and what may not be meant; stores nothing. */
  @Post('validate')
  @RequireRole('viewer')
  @AcceptsArchive()
  @HttpCode(200)
  validate(
    @Body() wish: UploadAgentDto,
    @UploadedArchive() archive: FolderFiles | null,
    @CurrentCaller() caller: Caller,
  ): Promise<CheckView> {
    return this.checks.agent(wish, archive, caller);
  }

  /** As an upload, with the name in the address. */
  @Put(':name')
  @RequireRole('operator')
  @AcceptsArchive()
  async replace(
    @Param('name') name: string,
    @Body() wish: ReplaceAgentDto,
    @UploadedArchive() archive: FolderFiles | null,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AgentView> {
    return this.upload({ ...wish, name }, archive, caller, response);
  }

  /** Copies any agent into one of yours that can be changed; a built-in one is overridden under its own name. */
  @Post(':name/copy')
  @RequireRole('operator')
  async copy(
    @Param('name') from: string,
    @Body() wish: CopyDto,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<AgentView> {
    const name = await this.uploads.copy(from, wish, authorOf(caller, wish));
    response.setHeader('Location', `/api/agents/${name}`);
    return this.show(name);
  }

  private async show(name: string): Promise<AgentView> {
    return AgentView.of(await this.catalog.get(name), await this.registry.find(name));
  }
}
