import { chmod, lstat, mkdir } from 'node:fs/promises';
import type { DataPath } from '@app/paths';
import { storageError } from './storage-error.js';

/**
 * Makes the folder and gives it exactly these permissions, also when it was there before. For places whose names
 * we choose ourselves; where a user chose a part of the path, use `DataFiles`, which follows no link out of /data.
 */
export async function ensureFolder(path: DataPath, mode = 0o755): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode });
    if (((await lstat(path)).mode & 0o777) !== mode) await chmod(path, mode);
  } catch (error) {
    throw storageError(error);
  }
}
