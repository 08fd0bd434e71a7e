import type { Finding } from './finding.js';

export interface FolderFile {
  content: Buffer;
  executable: boolean;
}

/** The files of an agent or a skill in memory, by relative path with `/`; uploaded ones and read ones look alike. */
export type FolderFiles = ReadonlyMap<string, FolderFile>;

export interface FolderContent {
  files: FolderFiles;
  findings: Finding[];
}

/** The files below a folder of the set, with paths relative to it. */
export function filesBelow(files: FolderFiles, folder: string): FolderFiles {
  const prefix = `${folder}/`;
  return new Map(
    [...files]
      .filter(([path]) => path.startsWith(prefix))
      .map(([path, file]) => [path.slice(prefix.length), file]),
  );
}

/** The names of the folders directly below a folder of the set, sorted. */
export function foldersBelow(files: FolderFiles, folder: string): string[] {
  const names = [...filesBelow(files, folder).keys()]
    .filter((path) => path.includes('/'))
    .map((path) => path.split('/', 1)[0] ?? '');
  return [...new Set(names)].sort();
}

/** The text of a file; null when it is missing or not UTF-8 text. */
export function textOf(files: FolderFiles, path: string): string | null {
  const file = files.get(path);
  if (!file || file.content.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(file.content);
  } catch {
    return null;
  }
}
