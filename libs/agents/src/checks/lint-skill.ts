import type { Finding } from '../folders/finding.js';
import { textOf } from '../folders/folder-files.js';
import type { Skill } from '../skills/skill.js';

const SKILL_MD = 'SKILL.md';
/** What Anthropic's own guide advises: it is read whole each time the skill is used. */
const LONG_SKILL_LINES = 500;

/** `file` of each is relative to the skill. */
export function lintSkill({ files }: Skill): (Finding & { file: string })[] {
  const text = textOf(files, SKILL_MD);
  const lines = text?.split('\n').length ?? 0;
  if (lines <= LONG_SKILL_LINES) return [];
  const message = `has ${lines} lines; over ${LONG_SKILL_LINES}, move parts into files beside it that it names`;
  return [{ code: 'LONG_TEXT', field: SKILL_MD, message, file: SKILL_MD, line: LONG_SKILL_LINES + 1 }];
}

/** A skill under the name of a shared one takes its place, which is fine when it is meant. */
export function describeHiding({ name }: Skill, shared: readonly Skill[]): Finding[] {
  const hidden = shared.find((other) => other.name === name);
  if (!hidden) return [];
  const whose = hidden.source === 'builtin' ? 'the built-in skill' : 'the shared skill';
  const message = `takes the place of ${whose} ${name}`;
  return [{ code: 'HIDES_ANOTHER', field: `skills/${name}`, message, file: `skills/${name}` }];
}
