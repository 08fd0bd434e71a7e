import { open } from 'node:fs/promises';
import { errorCodeOf } from './storage-error.js';

/** Some network and FUSE file systems cannot sync a folder; there, the rename is as durable as it gets. */
const NOT_SUPPORTED: ReadonlySet<string | null> = new Set(['EINVAL', 'ENOTSUP', 'EPERM', 'EISDIR']);

/** Makes renames and new names in a folder survive a power cut. */
export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } catch (error) {
    if (!NOT_SUPPORTED.has(errorCodeOf(error))) throw error;
  } finally {
    await handle.close();
  }
}
