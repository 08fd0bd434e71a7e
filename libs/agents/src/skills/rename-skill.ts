import { readFrontMatter } from '../folders/front-matter.js';
import { textOf, type FolderFiles } from '../folders/folder-files.js';
import { MAIN_FILE_OF } from '../folders/kind.js';

const MAIN = MAIN_FILE_OF.skills;

/** The files of a skill under another name, which its SKILL.md may repeat. All else of the text stays as it is. */
export function renameSkill(files: FolderFiles, name: string): FolderFiles {
  const text = textOf(files, MAIN);
  const main = files.get(MAIN);
  if (text === null || !main) return files;
  const line = readFrontMatter(text).lines.get('name');
  if (line === undefined) return files;
  const lines = text.split('\n');
  lines[line - 1] = `name: ${name}${lines[line - 1]?.endsWith('\r') ? '\r' : ''}`;
  return new Map(files).set(MAIN, { ...main, content: Buffer.from(lines.join('\n')) });
}
