import { randomBytes } from 'node:crypto';
import { readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { errorCodeOf } from './storage-error.js';

/**
 * What is being written carries a name of its own beside its place, so that a crash explains itself:
 *   .<name>.<id>.tmp  a file before its rename
 *   .<name>.<id>.new  a folder before its swap
 *   .<name>.<id>.old  what the swap replaces
 * No user-chosen name begins with a dot, so lists never show them.
 */
export type LeftoverKind = 'tmp' | 'new' | 'old';
const LEFTOVER = /^\.(.+)\.[0-9a-f]{12}\.(tmp|new|old)$/;

/** Younger ones may be the work of another process that shares the volume. */
const STALE_MS = 60_000;

export function besideName(path: string, kind: LeftoverKind): string {
  return join(dirname(path), `.${basename(path)}.${randomBytes(6).toString('hex')}.${kind}`);
}

/** What a folder's swap left beside it, when it stands between its two renames. */
export async function replacedVersionOf(path: string): Promise<string | null> {
  const found = (await namesIn(dirname(path))).find((name) => {
    const match = LEFTOVER.exec(name);
    return match?.[1] === basename(path) && match[2] === 'old';
  });
  return found ? join(dirname(path), found) : null;
}

/**
 * Ends what a crash interrupted: a folder that was taken away and not yet replaced comes back, and what is left
 * of unfinished writes is removed. Returns how many leftovers there were. Safe while others write.
 */
export async function recoverFolder(folder: string): Promise<number> {
  let count = 0;
  for (const name of await namesIn(folder)) {
    const match = LEFTOVER.exec(name);
    if (!match?.[1]) continue;
    const leftover = join(folder, name);
    if (match[2] === 'old') await putBackOrRemove(leftover, join(folder, match[1]));
    else if (await isFresh(leftover)) continue;
    else await rm(leftover, { recursive: true, force: true });
    count++;
  }
  return count;
}

async function putBackOrRemove(old: string, place: string): Promise<void> {
  try {
    await stat(place);
  } catch (error) {
    if (errorCodeOf(error) !== 'ENOENT') throw error;
    await rename(old, place).catch(ignoreMissing);
    return;
  }
  await rm(old, { recursive: true, force: true });
}

async function isFresh(path: string): Promise<boolean> {
  try {
    return Date.now() - (await stat(path)).mtimeMs < STALE_MS;
  } catch (error) {
    ignoreMissing(error);
    return true;
  }
}

function ignoreMissing(error: unknown): void {
  if (errorCodeOf(error) !== 'ENOENT') throw error;
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    ignoreMissing(error);
    return [];
  }
}

export function isLeftover(name: string): boolean {
  return LEFTOVER.test(name);
}
