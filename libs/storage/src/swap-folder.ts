import { chmod, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { besideName } from './leftovers.js';
import { errorCodeOf } from './storage-error.js';
import { syncFolder } from './sync-folder.js';
import { writeSynced } from './write-file-atomic.js';

/** A file of a folder that is written as a whole; `path` is relative, with `/` between its parts. */
export interface FileToWrite {
  path: string;
  content: string | Uint8Array;
  /** 0644 unless given; scripts keep their 0755. */
  mode?: number;
}

/** How often another process may put its version in the way before we give up. */
const ATTEMPTS = 5;

/** Writes the whole folder beside its place, then swaps the two: readers see the old files or the new ones. */
export async function writeAndSwap(place: string, files: readonly FileToWrite[]): Promise<void> {
  const staged = besideName(place, 'new');
  try {
    await writeFolder(staged, files);
    await swapIn(staged, place);
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
}

/** Takes a folder away in one step and then removes it. Returns false when there was none. */
export async function takeAway(place: string): Promise<boolean> {
  // Named as unfinished and not as replaced: a crash while it is being removed must not bring it back.
  const away = besideName(place, 'new');
  if (!(await renameIfThere(place, away))) return false;
  await syncFolder(dirname(place));
  await rm(away, { recursive: true, force: true });
  return true;
}

async function swapIn(staged: string, place: string): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const old = besideName(place, 'old');
    const replaced = await renameIfThere(place, old);
    try {
      await rename(staged, place);
    } catch (error) {
      if (isTaken(error) && attempt < ATTEMPTS) {
        await rm(old, { recursive: true, force: true });
        continue;
      }
      if (replaced) await rename(old, place).catch(() => undefined);
      throw error;
    }
    await syncFolder(dirname(place));
    if (replaced) await rm(old, { recursive: true, force: true });
    return;
  }
}

async function writeFolder(folder: string, files: readonly FileToWrite[]): Promise<void> {
  await mkdir(folder);
  const folders = new Set([folder]);
  for (const file of files) {
    const path = join(folder, file.path);
    for (let above = dirname(path); !folders.has(above); above = dirname(above)) folders.add(above);
    await mkdir(dirname(path), { recursive: true });
    await writeSynced(path, file.content, file.mode ?? 0o644);
  }
  for (const made of folders) {
    await chmod(made, 0o755);
    await syncFolder(made);
  }
}

async function renameIfThere(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
}

function isTaken(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === 'ENOTEMPTY' || code === 'EEXIST';
}
