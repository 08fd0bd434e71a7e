import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '@app/storage';

/**
 * Two changes closer together than this may carry the same time: on the coarsest file systems in use, and where times
 * have digits below the millisecond. Those come from a clock that ticks at least a hundred times a second.
 */
const SETTLED_MS = { coarse: 2000, fine: 100 };

const NS_PER_MS = 1_000_000n;

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
  let newest = 0n;
  const note = async (path: string): Promise<void> => {
    const { ino, size, mode, ctimeNs } = await lstat(path, { bigint: true });
    entries.push(`${path}\0${ino}:${size}:${mode}:${ctimeNs}`);
    if (ctimeNs > newest) newest = ctimeNs;
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
  return { value: entries.sort().join('\n'), settled: isSettled(newest) };
}

/** @param newest the time of the last change, in nanoseconds since 1970 */
function isSettled(newest: bigint): boolean {
  const fine = newest % NS_PER_MS !== 0n;
  return Date.now() - Number(newest / NS_PER_MS) > (fine ? SETTLED_MS.fine : SETTLED_MS.coarse);
}
