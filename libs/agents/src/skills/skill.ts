import { isSafeName } from '@app/storage';
import type { Finding, FindingCode } from '../folders/finding.js';
import { textOf, type FolderFiles } from '../folders/folder-files.js';
import { forbiddenKeys, isForbiddenFile } from '../folders/forbidden-settings.js';
import { readFrontMatter } from '../folders/front-matter.js';

/** `agent`: in the agent's own folder; the others are shared by all agents. */
export const SKILL_SOURCES = ['agent', 'user', 'builtin'] as const;
export type SkillSource = (typeof SKILL_SOURCES)[number];

export interface Skill {
  name: string;
  source: SkillSource;
  description: string | null;
  files: FolderFiles;
  /** What keeps it from being used; empty when it is fine. */
  findings: Finding[];
}

const SKILL_MD = 'SKILL.md';
const MAX_DESCRIPTION = 1024;

/**
 * Checks a skill the way Claude Code reads it: without a description the model is never told of it, and it is known
 * by the name of its folder. Other keys of its front matter are Claude Code's own and stay as they are.
 */
export function defineSkill(
  name: string,
  source: SkillSource,
  files: FolderFiles,
  found: Finding[] = [],
): Skill {
  const text = textOf(files, SKILL_MD);
  if (text === null) {
    const there = files.has(SKILL_MD);
    const finding: Finding = {
      code: there ? 'NOT_TEXT' : 'FILE_MISSING',
      field: SKILL_MD,
      message: there ? 'is not UTF-8 text' : 'is missing',
      file: SKILL_MD,
    };
    return { name, source, description: null, files, findings: [...found, ...nameFindings(name), finding] };
  }
  const { values, lines, findings } = readFrontMatter(text);
  const { description } = values;
  return {
    name,
    source,
    description: typeof description === 'string' ? description.trim() : null,
    files,
    findings: [
      ...found,
      ...nameFindings(name),
      ...forbiddenFiles(files),
      ...[...findings, ...(findings.length === 0 ? wrongValues(name, values, lines) : [])].map((finding) => ({
        ...finding,
        file: SKILL_MD,
      })),
    ],
  };
}

function nameFindings(name: string): Finding[] {
  return isSafeName(name)
    ? []
    : [
        {
          code: 'BAD_NAME',
          field: 'name',
          message: 'the folder must be named with lower-case letters, digits and dashes',
        },
      ];
}

function forbiddenFiles(files: FolderFiles): Finding[] {
  return [...files.keys()].filter(isForbiddenFile).map((file) => ({
    code: 'FORBIDDEN_SETTING',
    field: file,
    message: 'settings and hooks are not allowed in a skill',
    file,
    forbidden: true,
  }));
}

function wrongValues(
  name: string,
  values: Record<string, unknown>,
  lines: ReadonlyMap<string, number>,
): Finding[] {
  const findings = forbiddenKeys(values);
  const add = (code: FindingCode, field: string, message: string): number =>
    findings.push({ code, field, message });
  if (values.name !== undefined && values.name !== name) {
    add('BAD_VALUE', 'name', `must be the name of the folder, ${name}, or be left out`);
  }
  const { description } = values;
  if (typeof description !== 'string' || description.trim() === '') {
    add('DESCRIPTION_MISSING', 'description', 'is missing: say in a sentence when the skill is to be used');
  } else if (description.length > MAX_DESCRIPTION) {
    add('BAD_VALUE', 'description', `is longer than ${MAX_DESCRIPTION} characters`);
  }
  return findings.map((finding) => ({ ...finding, line: lines.get(finding.field) ?? 1 }));
}
