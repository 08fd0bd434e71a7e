import { access, constants, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Paths } from '@app/paths';
import { errorCodeOf } from './storage-error.js';
import { writeAndRename } from './write-file-atomic.js';

/** The service cannot start: its message, meant for the log of the operator, says what to do and names paths. */
export class DataDirError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'DataDirError';
  }
}

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
    await mkdir(paths.data, { recursive: true });
    await writeAndRename(join(paths.data, PROBE), '', { mode: 0o600 });
  } catch (error) {
    if (isFull(error)) return;
    throw await explained(paths.data, error);
  }
  for (const place of places) {
    try {
      await access(place, constants.W_OK | constants.X_OK);
    } catch (error) {
      if (errorCodeOf(error) !== 'ENOENT') throw await explained(place, error);
    }
  }
}

function isFull(error: unknown): boolean {
  const code = errorCodeOf(error);
  return code === 'ENOSPC' || code === 'EDQUOT';
}

async function explained(folder: string, error: unknown): Promise<Error> {
  const code = errorCodeOf(error);
  if (code === 'EACCES' || code === 'EPERM') {
    const me = process.getuid ? `uid ${process.getuid()}, gid ${process.getgid?.()}` : 'this user';
    const owner = await stat(folder).then(
      ({ uid, gid, mode }) => ` It belongs to uid ${uid}, gid ${gid}, mode 0${(mode & 0o777).toString(8)}.`,
      () => '',
    );
    const uid = process.getuid?.() ?? 'USER';
    return new DataDirError(
      `The data folder ${folder} cannot be written by the service (${me}).${owner} ` +
        `Give it to that user: chown -R ${uid} ${folder}, on the host for a bind mount, in a root container for a named volume. ` +
        'Or set DATA_DIR to a folder of that user.',
      error,
    );
  }
  if (code === 'EROFS') {
    return new DataDirError(
      `The data folder ${folder} is on a read-only file system. Mount it without \`:ro\`; with a read-only root file ` +
        'system, mount a volume there. Or set DATA_DIR to a writable folder.',
      error,
    );
  }
  if (code === 'ENOTDIR' || code === 'EEXIST') {
    return new DataDirError(`DATA_DIR must be a folder, but a file is in the way: ${folder}.`, error);
  }
  return new DataDirError(`The data folder ${folder} cannot be used (${code ?? String(error)}).`, error);
}
