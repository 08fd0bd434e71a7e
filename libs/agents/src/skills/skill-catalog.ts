import { Injectable } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { joinPath, Paths, type AppPath, type DataPath } from '@app/paths';
import { assertSafeName, DataFiles } from '@app/storage';
import type { Finding } from '../folders/finding.js';
import { namesIn } from '../folders/names-in.js';
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
    return [...(await this.readAll(this.paths.userSkills, 'user')), ...(await this.builtin())];
  }

  /** The shared skill of that name which wins. Throws `INVALID_NAME` or `SKILL_NOT_FOUND`. */
  async get(name: string): Promise<VisibleSkill> {
    assertSafeName(name, 'skill');
    const skill = visibleSkills([], await this.shared()).find((one) => one.name === name);
    if (skill) return skill;
    throw new AppError('SKILL_NOT_FOUND', `There is no shared skill ${name}. GET /api/skills lists them.`);
  }

  /** Those that come with the program. */
  builtin(): Promise<Skill[]> {
    return this.readAll(this.paths.builtinSkills, 'builtin');
  }

  private async readAll(folder: AppPath | DataPath, source: SkillSource): Promise<Skill[]> {
    const skills: Skill[] = [];
    for (const name of (await namesIn(folder)).sort()) {
      const place = joinPath(folder, name);
      const isLink =
        source === 'user' && (await this.files.kindOf(joinPath(this.paths.userSkills, name))) === 'other';
      const link: Finding = {
        code: 'NOT_A_FILE',
        field: name,
        message: 'is not a folder; symbolic links are not followed',
      };
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
