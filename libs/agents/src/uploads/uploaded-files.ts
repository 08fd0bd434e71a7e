import { AppError } from '@app/contracts';
import { assertSafeName } from '@app/storage';
import type { FolderFile, FolderFiles } from '../folders/folder-files.js';
import { isForbiddenFile } from '../folders/forbidden-settings.js';
import { MAX_CLAUDE_MD_BYTES, MAX_FILE_BYTES, MAX_FILES, MAX_TOTAL_BYTES } from '../folders/limits.js';
import type { UploadAgentDto, UploadedSkillDto } from './upload-agent.dto.js';

/** Letters, digits, `_`, `-` and dots inside: what every file system and every archive takes. */
const PART = /^[A-Za-z0-9_](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9_-])?$/;
const MAX_PARTS = 6;

export interface Upload {
  files: FolderFiles;
  /** Names of shared skills that the agent counts on. */
  reusedSkills: string[];
}

/**
 * The files that an upload asks for. Throws `INVALID_NAME` (skill and file names), `FORBIDDEN_AGENT_SETTING`
 * (settings and hooks), `PAYLOAD_TOO_LARGE` and `INVALID_AGENT` (contradictions).
 */
export function filesOfUpload(wish: UploadAgentDto): Upload {
  const files = new Map<string, FolderFile>();
  const reusedSkills: string[] = [];
  addFile(files, 'CLAUDE.md', wish.claude_md, MAX_CLAUDE_MD_BYTES);
  for (const skill of wish.skills ?? []) {
    assertSafeName(skill.name, 'skill');
    const content = contentOf(skill);
    if (content === null) reusedSkills.push(skill.name);
    else addSkill(files, skill.name, content);
  }
  const bytes = [...files.values()].reduce((sum, { content }) => sum + content.length, 0);
  if (files.size > MAX_FILES) throw tooLarge(`An agent has at most ${MAX_FILES} files.`);
  if (bytes > MAX_TOTAL_BYTES) throw tooLarge('The files of an agent are at most 16 MB together.');
  return { files, reusedSkills };
}

function contentOf({ name, files, skill_md: skillMd }: UploadedSkillDto): [string, unknown][] | null {
  if (files !== undefined && skillMd !== undefined) {
    throw invalid(`skills/${name}`, 'send files or skill_md, not both');
  }
  if (skillMd !== undefined) return [['SKILL.md', skillMd]];
  return files === undefined ? null : Object.entries(files);
}

function addSkill(files: Map<string, FolderFile>, name: string, content: [string, unknown][]): void {
  if ([...files.keys()].some((path) => path.startsWith(`skills/${name}/`))) {
    throw invalid(`skills/${name}`, 'is there twice');
  }
  const seen = new Set<string>();
  for (const [path, text] of content) {
    checkFileName(path);
    const folded = path.toLowerCase();
    if (seen.has(folded))
      throw invalid(`skills/${name}/${path}`, 'differs from another file in upper and lower case only');
    seen.add(folded);
    if (typeof text !== 'string') throw invalid(`skills/${name}/${path}`, 'must be text');
    addFile(files, `skills/${name}/${path}`, text, MAX_FILE_BYTES);
  }
  for (const path of seen) {
    if ([...seen].some((other) => other.startsWith(`${path}/`))) {
      throw invalid(`skills/${name}/${path}`, 'is a file and a folder at once');
    }
  }
}

function addFile(files: Map<string, FolderFile>, path: string, text: string, maxBytes: number): void {
  const content = Buffer.from(text);
  if (content.length > maxBytes) throw tooLarge(`${path} is over ${maxBytes / 1024} kB.`);
  files.set(path, { content, executable: text.startsWith('#!') });
}

/** The name is not repeated in the message: it may hold anything. */
function checkFileName(path: string): void {
  const parts = path.split('/');
  const leaves = parts.some((part) => part === '' || part === '.' || part === '..') || path.includes('\\');
  if (!leaves && isForbiddenFile(path)) {
    throw new AppError(
      'FORBIDDEN_AGENT_SETTING',
      'A skill may not hold settings, hooks or files whose name begins with a dot. Leave them out.',
    );
  }
  if (leaves || parts.length > MAX_PARTS || !parts.every((part) => PART.test(part))) {
    throw new AppError(
      'INVALID_NAME',
      `The name of a file in a skill is not usable: up to ${MAX_PARTS} parts with / between them, each of letters, digits, dots, dashes and underscores.`,
    );
  }
}

function tooLarge(message: string): AppError {
  return new AppError('PAYLOAD_TOO_LARGE', message);
}

function invalid(field: string, message: string): AppError {
  return new AppError('INVALID_AGENT', `The agent was not stored. ${field}: ${message}`, {
    details: [{ field, message }],
  });
}
