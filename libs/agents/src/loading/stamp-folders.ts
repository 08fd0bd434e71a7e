import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '@app/storage';

/** Two changes closer together than this may carry the same time on the coarsest file systems in use. */
const SETTLED_MS = 2000;

export interface FolderStamp {
  /** Equal as long as nothing below the folders was written, replaced, renamed or given other permissions. */
  value: string;
  /** False: something changed so recently that a further change might not show. */
  settled: boolean;
}

/**
 * What the file system says of everything below the folders, without reading a file. It rests on inode, size and
 * ctime, as Git's index does: no program without the right to set the clock can change a file and keep its ctime.
 */
export async function stampFolders(folders: readonly string[]): Promise<FolderStamp> {
  const entries: string[] = [];
  let newestMs = 0;
  const note = async (path: string): Promise<void> => {
    const { ino, size, mode, ctimeNs, ctimeMs } = await lstat(path, { bigint: true });
    entries.push(`${path}\0${ino}:${size}:${mode}:${ctimeNs}`);
    newestMs = Math.max(newestMs, Number(ctimeMs));
  };
  await Promise.all(
    folders.map(async (folder) => {
      try {
        const names = await readdir(folder, { recursive: true });
        await Promise.all([note(folder), ...names.map((name) => note(join(folder, name)))]);
      } catch (error) {
        if (errorCodeOf(error) !== 'ENOENT') throw error;
        // Missing, or replaced while it was looked at: either way the stamp differs from one of a whole folder.
        entries.push(`${folder}\0missing`);
      }
    }),
  );
  return { value: entries.sort().join('\n'), settled: Date.now() - newestMs > SETTLED_MS };
}
