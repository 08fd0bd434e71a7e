import { Injectable } from '@nestjs/common';
import type { Caller } from '@app/auth';
import { AppError } from '@app/contracts';
import type { FolderFiles } from '../folders/folder-files.js';
import type { FolderRules } from '../uploads/folder-changes.js';
import { newFindings, refuse } from '../uploads/refuse.js';
import { SkillCatalog } from './skill-catalog.js';
import { defineSkill } from './skill.js';

/** What a shared skill of a user has to be. */
@Injectable()
export class SkillRules implements FolderRules {
  readonly kind = 'skills';

  constructor(private readonly skills: SkillCatalog) {}

  check(name: string, files: FolderFiles, _caller: Caller, before: FolderFiles | null): void {
    const known = before ? defineSkill(name, 'user', before).findings : [];
    refuse(this.kind, newFindings(defineSkill(name, 'user', files).findings, known));
  }

  async refuseMissing(name: string): Promise<never> {
    await this.skills.get(name);
    throw new AppError(
      'BUILT_IN_READ_ONLY',
      `The skill ${name} is part of the program and cannot be changed. Copy it (POST /api/skills/${name}/copy) or upload one of that name to override it.`,
    );
  }
}
