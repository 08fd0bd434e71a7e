import { AppError } from '@app/contracts';
import { assertSafeName } from '@app/storage';
import { folderInArchive } from '../archive/folder-in-archive.js';
import type { FolderFiles } from '../folders/folder-files.js';
import { MAIN_FILE_OF } from '../folders/kind.js';
import { CheckedFiles, contradiction } from './checked-files.js';
import { missing } from './missing.js';
import { addListed } from './skill-of-upload.js';
import type { UploadAgentDto, UploadedSkillDto } from './upload-agent.dto.js';

export interface AgentUpload {
  /** Not checked yet. */
  name: string;
  files: FolderFiles;
  /** Names of shared skills that the agent counts on. */
  reusedSkills: string[];
}

/**
 * The files that an upload asks for; `archive` is what the archive held when there was one. Throws
 * `VALIDATION_FAILED`, `INVALID_NAME` (skill and file names), `FORBIDDEN_AGENT_SETTING` (settings and hooks),
 * `PAYLOAD_TOO_LARGE` and `INVALID_AGENT` (contradictions).
 */
export function agentOfUpload(wish: UploadAgentDto, archive: FolderFiles | null): AgentUpload {
  if (archive) return agentOfArchive(wish, archive);
  if (wish.claude_md === undefined) throw missing('claude_md');
  const checked = new CheckedFiles('agents');
  const reusedSkills: string[] = [];
  checked.add(MAIN_FILE_OF.agents, Buffer.from(wish.claude_md), false);
  const named = new Set<string>();
  for (const skill of wish.skills ?? []) {
    assertSafeName(skill.name, 'skill');
    if (named.has(skill.name)) throw contradiction('agents', `skills/${skill.name}`, 'is there twice');
    named.add(skill.name);
    if (!addSkill(checked, skill)) reusedSkills.push(skill.name);
  }
  return { name: nameOf(wish.name), files: checked.all(), reusedSkills };
}

/** Returns false when it is but the name of a shared one. */
function addSkill(checked: CheckedFiles, skill: UploadedSkillDto): boolean {
  if (skill.files === undefined && skill.skill_md === undefined) return false;
  addListed(checked, skill, `skills/${skill.name}/`);
  return true;
}

function agentOfArchive(wish: UploadAgentDto, archive: FolderFiles): AgentUpload {
  if (wish.claude_md !== undefined || wish.skills !== undefined) {
    throw new AppError('VALIDATION_FAILED', 'Beside an archive send only name and note: the rest is in it.');
  }
  const { folder, files } = folderInArchive(archive, MAIN_FILE_OF.agents);
  const name = nameOf(wish.name ?? folder ?? undefined);
  return { name, files: CheckedFiles.of('agents', files), reusedSkills: [] };
}

function nameOf(name: string | undefined): string {
  if (name === undefined) throw missing('name');
  return name;
}
