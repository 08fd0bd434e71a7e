import { stat } from 'node:fs/promises';
import { errorCodeOf } from './storage-error.js';

/** False where nothing is. */
export async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory();
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return false;
    throw error;
  }
}
