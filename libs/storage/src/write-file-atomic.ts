import { link, open, rename, rm, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { besideName } from './leftovers.js';
import { errorCodeOf } from './storage-error.js';
import { syncFolder } from './sync-folder.js';

/** File systems without hard links: nothing there can create a whole file exclusively. */
const NO_LINKS: ReadonlySet<string | null> = new Set(['EPERM', 'ENOTSUP', 'ENOSYS', 'EOPNOTSUPP']);

/**
 * The new content is on the disk under another name before it takes its place, so a crash at any point leaves the
 * old or the new content. With `onlyIfAbsent` an existing file stays as it is; returns whether this call wrote it.
 */
export async function writeAndRename(
  path: string,
  content: string | Uint8Array,
  options: { mode: number; onlyIfAbsent?: boolean },
): Promise<boolean> {
  const temporary = besideName(path, 'tmp');
  try {
    await writeSynced(temporary, content, options.mode);
    const written = options.onlyIfAbsent
      ? await claim(temporary, path)
      : await rename(temporary, path).then(() => true);
    await syncFolder(dirname(path));
    return written;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** Returns false when there was no file. */
export async function removeSynced(path: string): Promise<boolean> {
  try {
    await unlink(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
  await syncFolder(dirname(path));
  return true;
}

/** Writes a new file and waits until the disk has it. The mode is exact, whatever the umask. */
export async function writeSynced(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  const handle = await open(path, 'wx', mode);
  try {
    await handle.chmod(mode);
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function claim(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'EEXIST') return false;
    if (!NO_LINKS.has(code)) throw error;
    await rename(temporary, path);
    return true;
  }
}
