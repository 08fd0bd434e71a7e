import { Injectable } from '@nestjs/common';
import type { FolderFiles } from '../folders/folder-files.js';
import type { CopyDto } from '../uploads/copy.dto.js';
import { FolderChanges, type Author } from '../uploads/folder-changes.js';
import { skillOfUpload } from '../uploads/skill-of-upload.js';
import type { UploadSkillDto } from '../uploads/upload-skill.dto.js';
import { VersionHistory } from '../versions/version-history.js';
import { renameSkill } from './rename-skill.js';
import { SkillCatalog } from './skill-catalog.js';
import { SkillRules } from './skill-rules.js';

/** Everything by which a user's shared skill comes to be. */
@Injectable()
export class SkillUploads {
  constructor(
    private readonly changes: FolderChanges,
    private readonly rules: SkillRules,
    private readonly skills: SkillCatalog,
    private readonly history: VersionHistory,
  ) {}

  /** Throws what `skillOfUpload` and `FolderChanges.put` throw. */
  async upload(wish: UploadSkillDto, archive: FolderFiles | null, author: Author) {
    const { name, files } = skillOfUpload(wish, archive);
    const { replaced } = await this.changes.put(this.rules, name, files, author);
    return { name, replaced };
  }

  /** Throws `SKILL_NOT_FOUND`, or `NAME_CONFLICT` when the user has one of the new name. */
  async copy(from: string, { name = from }: CopyDto, author: Author): Promise<string> {
    const { files } = await this.skills.get(from);
    const renamed = name === from ? files : renameSkill(files, name);
    await this.changes.put(this.rules, name, renamed, author, { change: 'copied', onlyIfAbsent: true });
    return name;
  }

  /** Throws `VERSION_NOT_FOUND`. */
  async restore(name: string, digest: string, author: Author): Promise<void> {
    const { files } = await this.history.find('skills', name, digest);
    await this.changes.put(this.rules, name, files, author, { change: 'restored' });
  }
}
