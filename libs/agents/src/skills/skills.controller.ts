import { Controller, Delete, Get, HttpCode, Param, Query, StreamableFile } from '@nestjs/common';
import { ApiProduces, ApiTags } from '@nestjs/swagger';
import { CurrentCaller, RequireRole, type Caller } from '@app/auth';
import { exportOf } from '../archive/export.js';
import { authorOf } from '../uploads/author.js';
import { FolderChanges } from '../uploads/folder-changes.js';
import { NoteDto } from '../uploads/note.dto.js';
import { SkillCatalog, visibleSkills } from './skill-catalog.js';
import { SkillRules } from './skill-rules.js';
import { SkillListView, SkillView } from './skill.view.js';

@ApiTags('skills')
@Controller('api/skills')
export class SkillsController {
  constructor(
    private readonly skills: SkillCatalog,
    private readonly changes: FolderChanges,
    private readonly rules: SkillRules,
  ) {}

  /** Lists the skills that all agents share: those of users, then the built-in ones. */
  @Get()
  async list(): Promise<SkillListView> {
    const skills = visibleSkills([], await this.skills.shared());
    return { items: skills.map((skill) => SkillView.of(skill)), next_cursor: null };
  }

  /** Shows a shared skill with the text of its files. */
  @Get(':name')
  async get(@Param('name') name: string): Promise<SkillView> {
    return SkillView.of(await this.skills.get(name), true);
  }

  /** Gives all files of a skill as a zip archive that can be uploaded again; the same files give the same bytes. */
  @Get(':name/export')
  @ApiProduces('application/zip')
  async export(@Param('name') name: string): Promise<StreamableFile> {
    return exportOf(name, (await this.skills.get(name)).files);
  }

  /** Deletes a user's skill; the built-in one that it hid is used again. Its versions stay. */
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
