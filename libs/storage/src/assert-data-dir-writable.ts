import { access, constants } from 'node:fs/promises';
import { join } from 'node:path';
import { makeFolder, type Paths } from '@app/paths';
import { explainDataDir } from './data-dir-error.js';
import { errorCodeOf } from './storage-error.js';
import { removeSynced, writeAndRename } from './write-file-atomic.js';

const PROBE = '.write-test';

/**
 * Proves at boot that the volume can be written, by writing: permission bits do not tell about read-only mounts.
 * A full disk does not stop the start, because what is there can still be read and space can be freed.
 * Throws `DataDirError`.
 */
export async function assertDataDirWritable(paths: Paths): Promise<void> {
  const places = [
    paths.data,
    paths.credentials,
    paths.userAgents,
    paths.userSkills,
    paths.registry,
    paths.claudeConfig,
  ];
  try {
    makeFolder(paths.data);
    await writeAndRename(join(paths.data, PROBE), '', { mode: 0o600 });
    await removeSynced(join(paths.data, PROBE));
  } catch (error) {
    if (isFull(error)) return;
    throw await explainDataDir(paths.data, error);
  }
  for (const place of places) {
    try {
      await access(place, constants.W_OK | constants.X_OK);
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') throw await explainDataDir(place, error);
    }
  }
}

function isFull(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}
