import { lstat, mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { errorCodeOf } from '../../storage-error.js';
import { syncFolder } from '../../sync-folder.js';
import type { Move } from './journal.js';

/** Can be done again after any interruption: what is where says how far it had come. */
export async function moveForward({ live, staged, old }: Move): Promise<void> {
  if (staged !== null && !(await isThere(staged))) return;
  if (await isThere(live)) {
    if (await isThere(old)) await rm(live, { recursive: true, force: true });
    else await renameSynced(live, old);
  }
  if (staged !== null) await renameSynced(staged, live);
}

/** The way back, while the old is still there. */
export async function moveBack({ live, staged, old }: Move): Promise<void> {
  if (staged !== null && !(await isThere(staged)) && (await isThere(live))) await renameSynced(live, staged);
  if (await isThere(old)) await renameSynced(old, live);
}

async function renameSynced(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await rename(from, to);
  await syncFolder(dirname(to));
  await syncFolder(dirname(from));
}

export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === 'ENOENT' || code === 'ENOTDIR') return false;
    throw error;
  }
}
