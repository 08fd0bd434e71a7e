import { readFile } from 'node:fs/promises';
import { errorCodeOf } from './storage-error.js';

/** The text of a file, or null when there is none. */
export async function readTextIfThere(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
}
