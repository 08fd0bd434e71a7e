import { ApiProperty } from '@nestjs/swagger';
import type { SkillShape } from '@app/contracts';
import { summarise } from '../folders/finding.js';
import { textOf } from '../folders/folder-files.js';
import type { VisibleSkill } from './skill-catalog.js';
import { SKILL_SOURCES, type SkillSource } from './skill.js';

export class SkillFileView {
  /** Relative to the folder of the skill. */
  path: string;

  /** Bytes. */
  size: number;

  /** The text of the file; null in lists of shared skills, and for what is not text. */
  @ApiProperty({ type: String, nullable: true })
  content: string | null;
}

export class SkillView implements SkillShape {
  name: string;

  @ApiProperty({ type: String, nullable: true })
  description: string | null;

  /** `agent`: comes with the agent; `user` and `builtin` are shared by all agents. */
  @ApiProperty({ enum: SKILL_SOURCES })
  source: SkillSource;

  /** Where a skill of the same name is that this one hides. */
  @ApiProperty({ enum: SKILL_SOURCES, isArray: true })
  shadows: SkillSource[];

  files: SkillFileView[];

  /** Why no run gets it; null when it is fine. */
  @ApiProperty({ type: String, nullable: true })
  problem: string | null;

  /** `withText`: of a shared skill too; in a list it would be too much. */
  static of(skill: VisibleSkill, withText = skill.source === 'agent'): SkillView {
    const { name, description, source, shadows, files, findings } = skill;
    const shown = [...files].map(([path, { content }]) => ({
      path,
      size: content.length,
      content: withText ? textOf(files, path) : null,
    }));
    return { name, description, source, shadows, files: shown, problem: summarise(findings) };
  }
}

export class SkillListView {
  items: SkillView[];

  @ApiProperty({ type: String, nullable: true })
  next_cursor: string | null;
}
