import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { FilesController } from '../folders/files.controller.js';
import { FolderChanges } from '../uploads/folder-changes.js';
import { SkillCatalog } from './skill-catalog.js';
import { SkillRules } from './skill-rules.js';

@ApiTags('skills')
@Controller('api/skills/:name/files')
export class SkillFilesController extends FilesController {
  constructor(rules: SkillRules, changes: FolderChanges, skills: SkillCatalog) {
    super(rules, changes, async (name) => (await skills.get(name)).files);
  }
}
