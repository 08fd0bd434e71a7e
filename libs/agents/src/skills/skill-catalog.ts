import { Injectable } from '@nestjs/common';
import { joinPath, Paths, type AppPath, type DataPath } from '@app/paths';
import { DataFiles } from '@app/storage';
import { namesIn } from '../agents/agent-folders.js';
import type { Finding } from '../folders/finding.js';
import { readFolder } from '../folders/read-folder.js';
import { defineSkill, type Skill, type SkillSource } from './skill.js';

/** A skill under its name, and where else that name is found and not used. */
export interface VisibleSkill extends Skill {
  shadows: SkillSource[];
}

/** The skills that all agents share: the user's, else the built-in ones. */
@Injectable()
export class SkillCatalog {
  constructor(
    private readonly paths: Paths,
    private readonly files: DataFiles,
  ) {}

  /** All of them, in the order in which they win: a name may come twice. */
  async shared(): Promise<Skill[]> {
    return [
      ...(await this.readAll(this.paths.userSkills, 'user')),
      ...(await this.readAll(this.paths.builtinSkills, 'builtin')),
    ];
  }

  private async readAll(folder: AppPath | DataPath, source: SkillSource): Promise<Skill[]> {
    const skills: Skill[] = [];
    for (const name of (await namesIn(folder)).sort()) {
      const place = joinPath(folder, name);
      const isLink =
        source === 'user' && (await this.files.kindOf(joinPath(this.paths.userSkills, name))) === 'other';
      const link: Finding = { field: name, message: 'is not a folder; symbolic links are not followed' };
      const { files, findings } = isLink ? { files: new Map(), findings: [link] } : await readFolder(place);
      skills.push(defineSkill(name, source, files, findings));
    }
    return skills;
  }
}

/**
 * What an agent sees: its own skills, then the shared ones; the first of a name wins, also when it is damaged,
 * because another skill under the same name would not be what its author meant.
 */
export function visibleSkills(own: readonly Skill[], shared: readonly Skill[]): VisibleSkill[] {
  const visible = new Map<string, VisibleSkill>();
  for (const skill of [...own, ...shared]) {
    const winner = visible.get(skill.name);
    if (winner) winner.shadows.push(skill.source);
    else visible.set(skill.name, { ...skill, shadows: [] });
  }
  return [...visible.values()].sort((a, b) => (a.name < b.name ? -1 : 1));
}
