import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { errorCodeOf } from '@app/storage';

/** Folders and links: plain files beside them (a README) are nobody's agent, dots belong to unfinished writes. */
export async function namesIn(folder: string): Promise<string[]> {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isFile() && !/^\.|\\/.test(entry.name))
      .map((entry) => entry.name);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

/** The folders at any depth below, by their relative paths; those of Git and its like are left alone. */
export async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.split('/').some((part) => part.startsWith('.')));
}
