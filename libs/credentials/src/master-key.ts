import { hkdfSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { joinPath, type DataPath, type Paths } from '@app/paths';
import { errorCodeOf, type DataFiles } from '@app/storage';
import { MasterKeys } from './master-keys.js';

const KEY_BYTES = 32;
const logger = new Logger('Credentials');

/** A key that wraps the keys of the keyring. It encrypts nothing else and never leaves this class. */
export class MasterKey {
  /** Tells two master keys apart without telling anything about either. */
  readonly id: string;
  readonly wrappingKey: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.id = Buffer.from(hkdfSync('sha256', bytes, '', 'master-key-id:v1', 8)).toString('hex');
    this.wrappingKey = new Uint8Array(hkdfSync('sha256', bytes, '', 'keyring:v1', KEY_BYTES));
  }
}

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

/** A new master key, as it stands in a file. */
export function newKeyLine(): string {
  return randomBytes(KEY_BYTES).toString('base64');
}

/** The lines of a file of master keys, the current one first; the others open what was not rewrapped yet. */
export function keyLinesOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** Null when the line is no key. */
export function masterKeyOf(line: string): MasterKey | null {
  const bytes = Buffer.from(line, 'base64');
  return /^[A-Za-z0-9+/_-]{43}=?$/.test(line) && bytes.length === KEY_BYTES ? new MasterKey(bytes) : null;
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
