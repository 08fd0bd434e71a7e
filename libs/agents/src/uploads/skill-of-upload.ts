import { AppError } from '@app/contracts';
import { folderInArchive } from '../archive/folder-in-archive.js';
import type { FolderFiles } from '../folders/folder-files.js';
import { MAIN_FILE_OF } from '../folders/kind.js';
import { CheckedFiles, contradiction } from './checked-files.js';
import { readFileContent } from './file-content.js';
import { missing } from './missing.js';
import type { SkillContentDto, UploadSkillDto } from './upload-skill.dto.js';

export interface SkillUpload {
  /** Not checked yet. */
  name: string;
  files: FolderFiles;
}

/** As `agentOfUpload`, for a skill that all agents share. */
export function skillOfUpload(wish: UploadSkillDto, archive: FolderFiles | null): SkillUpload {
  if (!archive) {
    if (wish.name === undefined) throw missing('name');
    if (wish.files === undefined && wish.skill_md === undefined) throw missing('skill_md');
    const checked = new CheckedFiles('skills');
    addListed(checked, wish);
    return { name: wish.name, files: checked.all() };
  }
  if (wish.files !== undefined || wish.skill_md !== undefined) {
    throw new AppError('VALIDATION_FAILED', 'Beside an archive send only name and note: the rest is in it.');
  }
  const { folder, files } = folderInArchive(archive, MAIN_FILE_OF.skills);
  const name = wish.name ?? folder;
  if (name === null) throw missing('name');
  return { name, files: CheckedFiles.of('skills', files) };
}

/** Adds the files that JSON lists, below `folder`. */
export function addListed(checked: CheckedFiles, skill: SkillContentDto, folder = ''): void {
  const { files, skill_md: skillMd } = skill;
  if (files !== undefined && skillMd !== undefined) {
    throw contradiction(checked.kind, `${folder}skill_md`, 'send files or skill_md, not both');
  }
  for (const [path, value] of Object.entries(files ?? { [MAIN_FILE_OF.skills]: skillMd })) {
    const file = readFileContent(value);
    if (!file) {
      throw contradiction(checked.kind, folder + path, 'must be text, or an object with text or base64');
    }
    checked.add(folder + path, file.content, file.executable);
  }
}
