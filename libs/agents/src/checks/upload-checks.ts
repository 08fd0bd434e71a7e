import { Injectable } from '@nestjs/common';
import type { Caller } from '@app/auth';
import { AppError } from '@app/contracts';
import { defineAgent } from '../agents/agent-definition.js';
import { AgentFolders } from '../agents/agent-folders.js';
import { bypassFindings } from '../agents/agent-rules.js';
import { AgentUploads } from '../agents/agent-uploads.js';
import type { Finding } from '../folders/finding.js';
import type { FolderFiles } from '../folders/folder-files.js';
import type { Kind } from '../folders/kind.js';
import { UserFolders } from '../folders/user-folders.js';
import { SkillCatalog } from '../skills/skill-catalog.js';
import { defineSkill } from '../skills/skill.js';
import { agentOfUpload } from '../uploads/agent-of-upload.js';
import { skillOfUpload } from '../uploads/skill-of-upload.js';
import type { UploadAgentDto } from '../uploads/upload-agent.dto.js';
import type { UploadSkillDto } from '../uploads/upload-skill.dto.js';
import { CheckView, FindingView, type Level } from './check.view.js';
import { lintAgent } from './lint-agent.js';
import { lintSkill } from './lint-skill.js';

/** Says what an upload would meet, and stores nothing. What an upload is refused for is an error here. */
@Injectable()
export class UploadChecks {
  constructor(
    private readonly uploads: AgentUploads,
    private readonly agents: AgentFolders,
    private readonly folders: UserFolders,
    private readonly skills: SkillCatalog,
  ) {}

  async agent(wish: UploadAgentDto, archive: FolderFiles | null, caller: Caller): Promise<CheckView> {
    return this.orRefusal(async () => {
      const { name, files, reusedSkills } = agentOfUpload({ ...wish, name: wish.name ?? 'agent' }, archive);
      const named = wish.name === undefined ? [] : await this.checkName('agents', name);
      const definition = defineAgent({ files, findings: [] });
      const shared = await this.skills.shared();
      const errors = [
        ...bypassFindings(files, caller),
        ...definition.findings,
        ...(await this.uploads.missingSkills(reusedSkills)),
      ];
      return [
        ...named,
        ...views('error', errors),
        ...views('warning', [...lintAgent(definition, shared), ...(await this.hides(wish.name))]),
      ];
    });
  }

  async skill(wish: UploadSkillDto, archive: FolderFiles | null): Promise<CheckView> {
    return this.orRefusal(async () => {
      const { name, files } = skillOfUpload(wish, archive);
      const skill = defineSkill(name, 'user', files);
      return [
        ...(await this.checkName('skills', name)),
        ...views('error', skill.findings),
        ...views('warning', lintSkill(skill)),
      ];
    });
  }

  private async hides(name: string | undefined): Promise<Finding[]> {
    const program = await this.agents.program();
    if (!program.some((place) => place.name === name && place.source === 'builtin')) return [];
    const message = `takes the place of the built-in agent ${name}`;
    return [{ code: 'HIDES_ANOTHER', field: 'the name', message }];
  }

  private async checkName(kind: Kind, name: string): Promise<FindingView[]> {
    const { findings } = await this.orRefusal(async () => {
      await this.folders.assertNameFree(kind, name);
      return [];
    });
    return findings;
  }

  /** What cannot even be looked at is a finding too: whoever checks wants to know all, and to go on. */
  private async orRefusal(work: () => Promise<FindingView[]>): Promise<CheckView> {
    try {
      return CheckView.of(await work());
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const { code, message } = error;
      return CheckView.of([{ level: 'error', file: null, line: null, code, message }]);
    }
  }
}

function views(level: Level, findings: readonly Finding[]): FindingView[] {
  return findings.map((finding) => FindingView.of(level, finding));
}
