import type { FolderFiles } from '../folders/folder-files.js';

/** What macOS and Windows put beside the files of a person, who does not know of it. */
const JUNK = /^__MACOSX\/|(^|\/)(\.DS_Store|Thumbs\.db|desktop\.ini)$/;

export interface ArchivedFolder {
  /** The one folder that everything is in; null when the files lie at the top. */
  folder: string | null;
  files: FolderFiles;
}

/** Archives are made of a folder as often as of what is in it: both are understood. `mark` is a file at its top. */
export function folderInArchive(archive: FolderFiles, mark: string): ArchivedFolder {
  const files = new Map([...archive].filter(([path]) => !JUNK.test(path)));
  const [first] = [...files.keys()].map((path) => path.split('/', 1)[0] ?? '');
  if (files.has(mark) || first === undefined || !files.has(`${first}/${mark}`)) {
    return { folder: null, files };
  }
  const prefix = `${first}/`;
  if (![...files.keys()].every((path) => path.startsWith(prefix))) return { folder: null, files };
  return {
    folder: first,
    files: new Map([...files].map(([path, file]) => [path.slice(prefix.length), file])),
  };
}
