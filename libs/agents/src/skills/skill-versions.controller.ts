import { Controller } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { VersionsController } from '../versions/versions.controller.js';
import { VersionsService } from '../versions/versions.service.js';
import { SkillCatalog } from './skill-catalog.js';
import { SkillUploads } from './skill-uploads.js';

@ApiTags('skills')
@Controller('api/skills/:name/versions')
export class SkillVersionsController extends VersionsController {
  constructor(versions: VersionsService, skills: SkillCatalog, uploads: SkillUploads) {
    super(versions, {
      kind: 'skills',
      locate: (name) => skills.get(name),
      restore: (name, digest, author) => uploads.restore(name, digest, author),
    });
  }
}
