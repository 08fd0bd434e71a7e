import { Body, Controller, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiParam, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { AcceptsBody, CurrentCaller, RequireRole, type Caller } from '@app/auth';
import { FileListView, FileView } from '../folders/file.view.js';
import { MAX_FILE_BYTES } from '../folders/limits.js';
import { authorOf } from '../uploads/author.js';
import { contentOfPut } from '../uploads/content-of-put.js';
import { FilePath } from '../uploads/file-path.js';
import { fileNotFound, FolderChanges } from '../uploads/folder-changes.js';
import { NoteDto } from '../uploads/note.dto.js';
import { PutFileDto } from '../uploads/put-file.dto.js';
import { AgentCatalog } from './agent-catalog.js';
import { AgentRules } from './agent-rules.js';

const PATH = { name: 'path', type: String, description: 'Relative to the folder of the agent.' } as const;

@ApiTags('agents')
@Controller('api/agents/:name/files')
export class AgentFilesController {
  constructor(
    private readonly catalog: AgentCatalog,
    private readonly changes: FolderChanges,
    private readonly rules: AgentRules,
  ) {}

  /** Lists the files of an agent, those of its own skills among them. */
  @Get()
  async list(@Param('name') name: string): Promise<FileListView> {
    return FileListView.of((await this.catalog.get(name)).files);
  }

  /** Reads one file. */
  @Get('*path')
  @ApiParam(PATH)
  async get(@Param('name') name: string, @FilePath() path: string): Promise<FileView> {
    const file = (await this.catalog.get(name)).files.get(path);
    if (!file) throw fileNotFound('agents', name);
    return FileView.of(path, file);
  }

  /** Writes one file of a user's agent. The agent as a whole is checked before. */
  @Put('*path')
  @RequireRole('operator')
  @AcceptsBody({ maxBytes: MAX_FILE_BYTES * 2 })
  @ApiParam(PATH)
  @ApiCreatedResponse({ type: FileView, description: 'The agent did not have this file before.' })
  async put(
    @Param('name') name: string,
    @FilePath() path: string,
    @Body() wish: PutFileDto,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<FileView> {
    const content = contentOfPut(wish);
    const author = authorOf(caller, wish);
    const { replaced } = await this.changes.putFile(this.rules, name, path, content, author);
    response.status(replaced ? 200 : 201);
    return this.get(name, path);
  }

  /** Deletes one file of a user's agent. */
  @Delete('*path')
  @RequireRole('operator')
  @HttpCode(204)
  @ApiParam(PATH)
  delete(
    @Param('name') name: string,
    @FilePath() path: string,
    @Query() query: NoteDto,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.changes.removeFile(this.rules, name, path, authorOf(caller, query));
  }
}
