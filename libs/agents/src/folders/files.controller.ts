import { Body, Delete, Get, HttpCode, Param, Put, Query, Res } from '@nestjs/common';
import { ApiCreatedResponse, ApiParam } from '@nestjs/swagger';
import type { Response } from 'express';
import { AcceptsBody, CurrentCaller, RequireRole, type Caller } from '@app/auth';
import { FileListView, FileView } from './file.view.js';
import type { FolderFiles } from './folder-files.js';
import { MAX_FILE_BYTES } from './limits.js';
import { authorOf } from '../uploads/author.js';
import { contentOfPut } from '../uploads/content-of-put.js';
import { FilePath } from '../uploads/file-path.js';
import { fileNotFound, type FolderChanges, type FolderRules } from '../uploads/folder-changes.js';
import { NoteDto } from '../uploads/note.dto.js';
import { PutFileDto } from '../uploads/put-file.dto.js';

const PATH = { name: 'path', type: String, description: 'Relative to the folder.' } as const;

/** The routes of the files of one kind; a controller says which. */
export abstract class FilesController {
  protected constructor(
    private readonly rules: FolderRules,
    private readonly changes: FolderChanges,
    private readonly filesOf: (name: string) => Promise<FolderFiles>,
  ) {}

  /** Lists the files, of an agent also those of its own skills. */
  @Get()
  async list(@Param('name') name: string): Promise<FileListView> {
    return FileListView.of(await this.filesOf(name));
  }

  /** Reads one file. */
  @Get('*path')
  @ApiParam(PATH)
  async get(@Param('name') name: string, @FilePath() path: string): Promise<FileView> {
    const file = (await this.filesOf(name)).get(path);
    if (!file) throw fileNotFound(this.rules.kind, name);
    return FileView.of(path, file);
  }

  /** Writes one file of a user's agent or skill, which is checked as a whole before. */
  @Put('*path')
  @RequireRole('operator')
  @AcceptsBody({ maxBytes: MAX_FILE_BYTES * 2 })
  @ApiParam(PATH)
  @ApiCreatedResponse({ type: FileView, description: 'There was no such file before.' })
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

  /** Deletes one file of a user's agent or skill. */
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
