import { Body, Controller, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, RequireRole, type Caller } from '@app/auth';
import { authorOf } from '../uploads/author.js';
import { NoteDto } from '../uploads/note.dto.js';
import { VersionContentView, VersionDiffView, VersionListView } from '../versions/version.view.js';
import { VersionsService } from '../versions/versions.service.js';
import { SkillCatalog } from './skill-catalog.js';
import { SkillUploads } from './skill-uploads.js';

/** A digest may be cut to its first 8 characters wherever that is unique. */
@ApiTags('skills')
@Controller('api/skills/:name/versions')
export class SkillVersionsController {
  constructor(
    private readonly versions: VersionsService,
    private readonly skills: SkillCatalog,
    private readonly uploads: SkillUploads,
  ) {}

  /** Lists what a skill was, who changed it, when and why; also of a skill that was deleted. */
  @Get()
  list(@Param('name') name: string): Promise<VersionListView> {
    return this.versions.list('skills', name, () => this.skills.get(name));
  }

  /** Shows a version with its files. */
  @Get(':digest')
  get(@Param('name') name: string, @Param('digest') digest: string): Promise<VersionContentView> {
    return this.versions.content('skills', name, digest);
  }

  /** Compares two versions, file by file. */
  @Get(':from/diff/:to')
  diff(
    @Param('name') name: string,
    @Param('from') from: string,
    @Param('to') to: string,
  ): Promise<VersionDiffView> {
    return this.versions.diff('skills', name, from, to);
  }

  /** Makes a version the current one again, which is a new step of the history. */
  @Post(':digest/restore')
  @RequireRole('operator')
  @HttpCode(200)
  async restore(
    @Param('name') name: string,
    @Param('digest') digest: string,
    @Body() wish: NoteDto,
    @CurrentCaller() caller: Caller,
  ): Promise<VersionListView> {
    await this.uploads.restore(name, digest, authorOf(caller, wish));
    return this.list(name);
  }
}
