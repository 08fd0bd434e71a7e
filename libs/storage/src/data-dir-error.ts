import { stat } from 'node:fs/promises';
import { errorCodeOf } from './storage-error.js';

/** The service cannot start: its message, meant for the log of the operator, says what to do and names paths. */
export class DataDirError extends Error {
  constructor(message: string, cause: unknown) {
    super(message, { cause });
    this.name = 'DataDirError';
  }
}

/** What a failed write below the data folder means at boot, in words. */
export async function explainDataDir(folder: string, error: unknown): Promise<DataDirError> {
  const code = errorCodeOf(error);
  switch (code) {
    case 'EACCES':
    case 'EPERM': {
      const uid = process.getuid?.() ?? 'USER';
      return new DataDirError(
        `The data folder ${folder} cannot be written by the service, which runs as uid ${uid}.${await ownerOf(folder)} ` +
          `Give it to that user: chown -R ${uid} ${folder} (on the host for a bind mount, in a root container for a ` +
          'named volume). Or set DATA_DIR to a folder of that user.',
        error,
      );
    }
    case 'EROFS':
      return new DataDirError(
        `The data folder ${folder} is on a read-only file system. Mount it without \`:ro\`; with a read-only root ` +
          'file system, mount a volume there. Or set DATA_DIR to a writable folder.',
        error,
      );
    case 'ENOTDIR':
    case 'EEXIST':
      return new DataDirError(`DATA_DIR must be a folder, but a file is in the way: ${folder}.`, error);
    case 'ENOENT':
      return new DataDirError(
        `The data folder ${folder} cannot be made: its file system takes no folders. Set DATA_DIR to another one.`,
        error,
      );
    default:
      return new DataDirError(`The data folder ${folder} cannot be used (${code ?? String(error)}).`, error);
  }
}

async function ownerOf(folder: string): Promise<string> {
  try {
    const { uid, gid, mode } = await stat(folder);
    return ` It belongs to uid ${uid}, gid ${gid}, mode 0${(mode & 0o777).toString(8)}.`;
  } catch {
    return '';
  }
}
