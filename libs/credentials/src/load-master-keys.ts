import { readFile } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { joinPath, type DataPath, type Paths } from '@app/paths';
import { errorCodeOf, type DataFiles } from '@app/storage';
import { keyLinesOf, masterKeyOf, newKeyLine, type MasterKey } from './master-key.js';
import { MasterKeys } from './master-keys.js';

const logger = new Logger('Credentials');

/** Where the service keeps its master keys itself, unless MASTER_KEY_FILE names another file. */
export function ownMasterKeyFile(paths: Paths): DataPath {
  return joinPath(paths.credentials, 'master.key');
}

/**
 * Reads MASTER_KEY_FILE, else /data/credentials/master.key, which is made at the first start.
 * The service does not start when the file cannot be read or holds no key (`KEK_MISMATCH`): going on with another
 * one would make every stored credential unreadable.
 */
export async function loadMasterKeys(
  settings: Settings,
  paths: Paths,
  files: DataFiles,
): Promise<MasterKeys> {
  const given = settings.masterKeyFile;
  if (given) return MasterKeys.read(() => readKeys(given, 'The file named by MASTER_KEY_FILE'));
  const path = ownMasterKeyFile(paths);
  await files.ensureFolder(paths.credentials, 0o700);
  // Two processes may start at once on one volume: only one of them gets to write.
  const made = await files.writeFileAtomic(path, `${newKeyLine()}\n`, { mode: 0o600, onlyIfAbsent: true });
  if (made) {
    logger.warn(
      `A master key for stored credentials was made: ${path}. Keep a copy outside of the backups, or set MASTER_KEY_FILE.`,
    );
  }
  return MasterKeys.read(() => readKeys(path, 'The file credentials/master.key in DATA_DIR'));
}

async function readKeys(path: string, what: string): Promise<MasterKey[]> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    const code = errorCodeOf(error) ?? 'unknown error';
    throw new AppError('KEK_MISMATCH', `${what} cannot be read (${code}).`, { cause: error });
  }
  const keys = keyLinesOf(text).map(masterKeyOf);
  const known = keys.filter((key) => key !== null);
  if (known.length === 0 || known.length < keys.length) {
    throw new AppError(
      'KEK_MISMATCH',
      `${what} must hold 32 bytes in base64, in each line. Make one with: openssl rand -base64 32 > FILE; chmod 600 FILE`,
    );
  }
  return known;
}
