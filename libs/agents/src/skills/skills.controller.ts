import { Controller, Get } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SkillCatalog, visibleSkills } from './skill-catalog.js';
import { SkillListView, SkillView } from './skill.view.js';

@ApiTags('skills')
@Controller('api/skills')
export class SkillsController {
  constructor(private readonly skills: SkillCatalog) {}

  /** Lists the skills that all agents share: those of users, then the built-in ones. */
  @Get()
  async list(): Promise<SkillListView> {
    const skills = visibleSkills([], await this.skills.shared());
    return { items: skills.map(SkillView.of), next_cursor: null };
  }
}
