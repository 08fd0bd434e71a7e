import type { Stats } from 'node:fs';
import { lstat, opendir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '../storage-error.js';

const BLOCK = 512;

/**
 * Goes through a folder, the deepest first, one thing at a time: a million files take memory for one level of names
 * and leave the other threads of the disk alone. Links are things of their own and lead nowhere; what vanishes
 * meanwhile is passed over. Returns the bytes that the disk holds for all of it.
 */
async function visit(
  path: string,
  stats: Stats,
  signal: AbortSignal,
  leave: (path: string, isFolder: boolean) => Promise<void>,
): Promise<number> {
  signal.throwIfAborted();
  let bytes = stats.blocks * BLOCK;
  if (stats.isDirectory()) {
    for (const name of await namesIn(path)) {
      const below = join(path, name);
      const found = await lstat(below).catch(ignoreMissing);
      if (found) bytes += await visit(below, found, signal, leave);
    }
  }
  await leave(path, stats.isDirectory());
  return bytes;
}

/** Removes it with all that is in it. Returns how many bytes that were. */
export async function removeTree(path: string, signal: AbortSignal): Promise<number> {
  const stats = await lstat(path).catch(ignoreMissing);
  if (!stats) return 0;
  return visit(path, stats, signal, (place, isFolder) =>
    (isFolder ? rmdir(place) : unlink(place)).catch(ignoreMissing),
  );
}

export async function sizeOfTree(path: string, signal: AbortSignal): Promise<number> {
  const stats = await lstat(path).catch(ignoreMissing);
  if (!stats) return 0;
  return visit(path, stats, signal, () => Promise.resolve());
}

export async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  const opened = await opendir(folder, { bufferSize: 500 }).catch(ignoreMissing);
  if (opened) for await (const { name } of opened) names.push(name);
  return names;
}

export function ignoreMissing(error: unknown): undefined {
  const code = errorCodeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
  throw error;
}
