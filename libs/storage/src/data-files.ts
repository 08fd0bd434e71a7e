import { appendFile, lstat, mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import type { DataPath, Paths } from '@app/paths';
import { ensureFolder } from './ensure-folder.js';
import { assertInside } from './inside-zone.js';
import { recoverFolder, replacedVersionOf } from './leftovers.js';
import { errorCodeOf, storageError } from './storage-error.js';
import { takeAway, writeAndSwap, type FileToWrite } from './swap-folder.js';
import { removeSynced, writeAndRename } from './write-file-atomic.js';

export interface WriteOptions {
  /** Exact permissions of the file, whatever the umask. */
  mode: number;
  /** Leaves a file that exists as it is. */
  onlyIfAbsent?: boolean;
}

/** Milliseconds: two renames take far less, unless the process between them died. */
const SWAP_LIMIT_MS = 2000;
const SWAP_POLL_MS = 20;

/**
 * Every write to the volume goes through here. It promises: a crash leaves the old or the new content, permissions
 * are exact, and no symbolic link leads a write out of the data folder. All methods throw `STORAGE_FULL`,
 * `STORAGE_NOT_WRITABLE` or `UNSAFE_PATH`. It leaves out: locks between writers of one place (`SerialByKey`), and
 * what the content means.
 */
export class DataFiles {
  constructor(private readonly paths: Paths) {}

  /** Makes missing folders above the file. Returns false only with `onlyIfAbsent`, when the file was there. */
  writeFileAtomic(path: DataPath, content: string | Uint8Array, options: WriteOptions): Promise<boolean> {
    return this.guarded(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      return writeAndRename(path, content, options);
    });
  }

  /** Adds a line and waits until the disk has it. One that a crash cut off before is ended, and does not swallow it. */
  appendLine(path: DataPath, line: string, { mode }: { mode: number }): Promise<void> {
    return this.guarded(path, () => appendFile(path, `\n${line}\n`, { mode, flush: true }));
  }

  /** Makes the folder and gives it exactly these permissions, also when it was there before. */
  ensureFolder(path: DataPath, mode = 0o755): Promise<void> {
    return this.guarded(path, () => ensureFolder(path, mode), path);
  }

  /** The folder afterwards holds these files and nothing else. */
  replaceFolder(path: DataPath, files: readonly FileToWrite[]): Promise<void> {
    return this.guarded(path, async () => {
      await mkdir(dirname(path), { recursive: true });
      await writeAndSwap(path, files);
    });
  }

  /** Returns false when there was nothing to remove. */
  removeFolder(path: DataPath): Promise<boolean> {
    return this.guarded(path, () => takeAway(path));
  }

  /** Returns false when there was nothing to remove. */
  removeFile(path: DataPath): Promise<boolean> {
    return this.guarded(path, () => removeSynced(path));
  }

  /**
   * What stands at a path: links are not followed. A folder that another process is replacing this very moment
   * counts as there; one that a crash left half replaced is put back first.
   */
  async kindOf(path: DataPath): Promise<'folder' | 'missing' | 'other'> {
    const deadline = performance.now() + SWAP_LIMIT_MS;
    for (;;) {
      const kind = await kindAt(path);
      if (kind !== 'missing' || !(await replacedVersionOf(path))) return kind;
      if (performance.now() > deadline) await this.recover(parentOf(path));
      await wait(SWAP_POLL_MS);
    }
  }

  /** Cleans up after a crash in one folder; called at start. Returns how many leftovers there were. */
  recover(folder: DataPath): Promise<number> {
    return this.guarded(folder, () => recoverFolder(folder), folder);
  }

  private async guarded<T>(path: DataPath, work: () => Promise<T>, checked = parentOf(path)): Promise<T> {
    try {
      await mkdir(this.paths.data, { recursive: true });
      await assertInside(this.paths.data, checked);
      return await work();
    } catch (error) {
      throw storageError(error);
    }
  }
}

async function kindAt(path: string): Promise<'folder' | 'missing' | 'other'> {
  try {
    return (await lstat(path)).isDirectory() ? 'folder' : 'other';
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'missing';
    throw error;
  }
}

/** The folder of a data path; the data folder itself is its own. */
function parentOf(path: DataPath): DataPath {
  return dirname(path) as DataPath;
}
