import { readdir } from 'node:fs/promises';
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
