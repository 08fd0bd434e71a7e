import { Injectable } from '@nestjs/common';
import type { Finding } from '../folders/finding.js';
import type { FolderFiles } from '../folders/folder-files.js';
import { SkillCatalog } from '../skills/skill-catalog.js';
import { agentOfUpload } from '../uploads/agent-of-upload.js';
import type { CopyDto } from '../uploads/copy.dto.js';
import { FolderChanges, type Author } from '../uploads/folder-changes.js';
import { refuse } from '../uploads/refuse.js';
import type { UploadAgentDto } from '../uploads/upload-agent.dto.js';
import { VersionHistory } from '../versions/version-history.js';
import { AgentFolders } from './agent-folders.js';
import { AgentRules } from './agent-rules.js';

/** Everything by which a user's agent comes to be. */
@Injectable()
export class AgentUploads {
  constructor(
    private readonly changes: FolderChanges,
    private readonly rules: AgentRules,
    private readonly folders: AgentFolders,
    private readonly skills: SkillCatalog,
    private readonly history: VersionHistory,
  ) {}

  /** Throws what `agentOfUpload` and `FolderChanges.put` throw. */
  async upload(wish: UploadAgentDto, archive: FolderFiles | null, author: Author) {
    const { name, files, reusedSkills } = agentOfUpload(wish, archive);
    refuse('agents', await this.missingSkills(reusedSkills));
    const { replaced } = await this.changes.put(this.rules, name, files, author);
    return { name, replaced };
  }

  /** Throws `AGENT_NOT_FOUND`, or `NAME_CONFLICT` when the user has one of the new name. */
  async copy(from: string, { name = from }: CopyDto, author: Author): Promise<string> {
    const { files } = await this.folders.read(await this.folders.locate(from));
    await this.changes.put(this.rules, name, files, author, { change: 'copied', onlyIfAbsent: true });
    return name;
  }

  /** Throws `VERSION_NOT_FOUND`. */
  async restore(name: string, digest: string, author: Author): Promise<void> {
    const { files } = await this.history.find('agents', name, digest);
    await this.changes.put(this.rules, name, files, author, { change: 'restored' });
  }

  async missingSkills(names: readonly string[]): Promise<Finding[]> {
    if (names.length === 0) return [];
    const shared = new Set((await this.skills.shared()).map(({ name }) => name));
    return names
      .filter((name) => !shared.has(name))
      .map((name) => ({
        code: 'SKILL_NOT_FOUND',
        field: `skills: ${name}`,
        message: 'there is no shared skill of that name (SKILL_NOT_FOUND); GET /api/skills lists them',
      }));
  }
}
