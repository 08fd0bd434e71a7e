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
import { ReplaceSkillDto, UploadSkillDto } from '../uploads/upload-skill.dto.js';
import { SkillCatalog } from './skill-catalog.js';
import { SkillUploads } from './skill-uploads.js';
import { SkillView } from './skill.view.js';

@ApiTags('skills')
@Controller('api/skills')
export class SkillUploadsController {
  constructor(
    private readonly skills: SkillCatalog,
    private readonly uploads: SkillUploads,
    private readonly checks: UploadChecks,
  ) {}

  /** Stores a skill under /data/config/skills, for all agents; a skill of the same name is replaced whole. */
  @Post('upload')
  @RequireRole('operator')
  @AcceptsArchive()
  @ApiOkResponse({ type: SkillView, description: 'A skill of that name was replaced.' })
  async upload(
    @Body() wish: UploadSkillDto,
    @UploadedArchive() archive: FolderFiles | null,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SkillView> {
    const { name, replaced } = await this.uploads.upload(wish, archive, authorOf(caller, wish));
    response.status(replaced ? 200 : 201).setHeader('Location', `/api/skills/${name}`);
    return SkillView.of(await this.skills.get(name), true);
  }

  /** Says what is wrong with a skill, with lines, and what may not be meant; stores nothing. */
  @Post('validate')
  @RequireRole('viewer')
  @AcceptsArchive()
  @HttpCode(200)
  validate(@Body() wish: UploadSkillDto, @UploadedArchive() archive: FolderFiles | null): Promise<CheckView> {
    return this.checks.skill(wish, archive);
  }

  /** As an upload, with the name in the address. */
  @Put(':name')
  @RequireRole('operator')
  @AcceptsArchive()
  async replace(
    @Param('name') name: string,
    @Body() wish: ReplaceSkillDto,
    @UploadedArchive() archive: FolderFiles | null,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SkillView> {
    return this.upload({ ...wish, name }, archive, caller, response);
  }

  /** Copies any shared skill into one of yours that can be changed; a built-in one is hidden under its own name. */
  @Post(':name/copy')
  @RequireRole('operator')
  async copy(
    @Param('name') from: string,
    @Body() wish: CopyDto,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
  ): Promise<SkillView> {
    const name = await this.uploads.copy(from, wish, authorOf(caller, wish));
    response.setHeader('Location', `/api/skills/${name}`);
    return SkillView.of(await this.skills.get(name), true);
  }
}
