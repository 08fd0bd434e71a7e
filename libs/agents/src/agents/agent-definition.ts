import { readAgentSettings } from './agent-settings.js';
import type { AgentSettings } from './agent.js';
import { digestFiles } from '../folders/digest-files.js';
import { expandImports } from '../folders/expand-imports.js';
import { below, inFile, type Finding, type FindingCode } from '../folders/finding.js';
import {
  filesBelow,
  foldersBelow,
  textOf,
  type FolderContent,
  type FolderFiles,
} from '../folders/folder-files.js';
import { readFrontMatter } from '../folders/front-matter.js';
import { MAX_CLAUDE_MD_BYTES } from '../folders/limits.js';
import { defineSkill, type Skill } from '../skills/skill.js';

const CLAUDE_MD = 'CLAUDE.md';

/** What the files of an agent say, whether they were uploaded a moment ago or lie in a folder. */
export interface AgentDefinition {
  files: FolderFiles;
  claudeMd: string;
  settings: AgentSettings;
  /** The body of CLAUDE.md with its imports. */
  instructions: string;
  ownSkills: Skill[];
  digest: string;
  /** What keeps it from being used; empty when it is fine. */
  findings: Finding[];
  /** What its author may not have meant; it can be used all the same. */
  hints: Finding[];
}

/** Never throws: what is wrong is in `findings`. */
export function defineAgent({ files, findings: found }: FolderContent): AgentDefinition {
  const claudeMd = textOf(files, CLAUDE_MD);
  const { values, lines, body, bodyLine, findings } = readFrontMatter(claudeMd ?? '');
  const settings = readAgentSettings(values);
  const expanded = expandImports({ text: body, file: CLAUDE_MD, line: bodyLine }, (path) =>
    textOf(files, path),
  );
  const ownSkills = foldersBelow(files, 'skills').map((name) =>
    defineSkill(name, 'agent', filesBelow(files, `skills/${name}`)),
  );
  return {
    files,
    claudeMd: claudeMd ?? '',
    settings: settings.settings,
    instructions: expanded.text,
    ownSkills,
    digest: digestFiles(files),
    findings: [
      ...found,
      ...claudeMdFindings(files.get(CLAUDE_MD)?.content, claudeMd, body),
      ...inFile(CLAUDE_MD, [
        ...findings,
        ...settings.findings.map((finding) => ({ ...finding, line: lines.get(finding.field) ?? 1 })),
        ...expanded.findings,
      ]),
      ...ownSkills.flatMap((skill) => below(`skills/${skill.name}`, skill.findings)),
    ],
    hints: inFile(CLAUDE_MD, expanded.hints),
  };
}

/** The agent's own description, else the first sentence-like line of its instructions. */
export function describeAgent(name: string, definition: AgentDefinition): string {
  const line = definition.instructions.split('\n').find((text) => /^[A-Za-z0-9]/.test(text.trim()));
  return definition.settings.description ?? (line?.trim().slice(0, 200) || `The agent ${name}.`);
}

function claudeMdFindings(content: Buffer | undefined, text: string | null, body: string): Finding[] {
  const find = (code: FindingCode, message: string): Finding[] => [
    { code, field: CLAUDE_MD, message, file: CLAUDE_MD },
  ];
  if (!content) return find('FILE_MISSING', 'is missing');
  if (text === null) return find('NOT_TEXT', 'is not UTF-8 text');
  if (content.length > MAX_CLAUDE_MD_BYTES) return find('TOO_LARGE', 'is over 256 kB');
  return body.trim() === '' ? find('EMPTY', 'has no instructions') : [];
}
