import { readAgentSettings } from './agent-settings.js';
import type { AgentSettings } from './agent.js';
import { digestFiles } from '../folders/digest-files.js';
import { expandImports } from '../folders/expand-imports.js';
import { at, type Finding } from '../folders/finding.js';
import { filesBelow, foldersBelow, textOf, type FolderContent } from '../folders/folder-files.js';
import { readFrontMatter } from '../folders/front-matter.js';
import { MAX_CLAUDE_MD_BYTES } from '../folders/limits.js';
import { defineSkill, type Skill } from '../skills/skill.js';

const CLAUDE_MD = 'CLAUDE.md';

/** What the files of an agent say, whether they were uploaded a moment ago or lie in a folder. */
export interface AgentDefinition {
  claudeMd: string;
  settings: AgentSettings;
  /** The body of CLAUDE.md with its imports. */
  instructions: string;
  ownSkills: Skill[];
  digest: string;
  /** What keeps it from being used; empty when it is fine. */
  findings: Finding[];
}

/** Never throws: what is wrong is in `findings`. */
export function defineAgent({ files, findings: found }: FolderContent): AgentDefinition {
  const claudeMd = textOf(files, CLAUDE_MD);
  const { values, body, findings } = readFrontMatter(claudeMd ?? '');
  const settings = readAgentSettings(values);
  const expanded = expandImports(body, (path) => textOf(files, path));
  const ownSkills = foldersBelow(files, 'skills').map((name) =>
    defineSkill(name, 'agent', filesBelow(files, `skills/${name}`)),
  );
  return {
    claudeMd: claudeMd ?? '',
    settings: settings.settings,
    instructions: expanded.text,
    ownSkills,
    digest: digestFiles(files),
    findings: [
      ...found,
      ...claudeMdFindings(files.get(CLAUDE_MD)?.content, claudeMd, body),
      ...at(CLAUDE_MD, [...findings, ...settings.findings, ...expanded.findings]),
      ...ownSkills.flatMap((skill) => at(`skills/${skill.name}`, skill.findings)),
    ],
  };
}

/** The agent's own description, else the first sentence-like line of its instructions. */
export function describeAgent(name: string, definition: AgentDefinition): string {
  const line = definition.instructions.split('\n').find((text) => /^[A-Za-z0-9]/.test(text.trim()));
  return definition.settings.description ?? (line?.trim().slice(0, 200) || `The agent ${name}.`);
}

function claudeMdFindings(content: Buffer | undefined, text: string | null, body: string): Finding[] {
  if (!content) return [{ field: CLAUDE_MD, message: 'is missing' }];
  if (text === null) return [{ field: CLAUDE_MD, message: 'is not UTF-8 text' }];
  if (content.length > MAX_CLAUDE_MD_BYTES) return [{ field: CLAUDE_MD, message: 'is over 256 kB' }];
  return body.trim() === '' ? [{ field: CLAUDE_MD, message: 'has no instructions' }] : [];
}
