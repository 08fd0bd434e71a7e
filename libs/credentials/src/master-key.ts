import { hkdfSync, randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { Logger } from '@nestjs/common';
import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { joinPath, type Paths } from '@app/paths';
import { errorCodeOf, type DataFiles } from '@app/storage';

const KEY_BYTES = 32;
const logger = new Logger('Credentials');

/** The key that wraps the keys of the keyring. It encrypts nothing else and never leaves this class. */
export class MasterKey {
  /** Tells two master keys apart without telling anything about either. */
  readonly id: string;
  readonly wrappingKey: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.id = Buffer.from(hkdfSync('sha256', bytes, '', 'master-key-id:v1', 8)).toString('hex');
    this.wrappingKey = new Uint8Array(hkdfSync('sha256', bytes, '', 'keyring:v1', KEY_BYTES));
  }
}

/**
 * Reads MASTER_KEY_FILE, else /data/credentials/master.key, which is made at the first start.
 * The service does not start when the file cannot be read or holds no key (`KEK_MISMATCH`): going on with another
 * one would make every stored credential unreadable.
 */
export async function loadMasterKey(settings: Settings, paths: Paths, files: DataFiles): Promise<MasterKey> {
  if (settings.masterKeyFile) return read(settings.masterKeyFile, 'The file named by MASTER_KEY_FILE');
  const path = joinPath(paths.credentials, 'master.key');
  await files.ensureFolder(paths.credentials, 0o700);
  // Two processes may start at once on one volume: only one of them gets to write.
  const made = await files.writeFileAtomic(path, `${randomBytes(KEY_BYTES).toString('base64')}\n`, {
    mode: 0o600,
    onlyIfAbsent: true,
  });
  if (made) {
    logger.warn(
      `A master key for stored credentials was made: ${path}. Keep a copy outside of the backups, or set MASTER_KEY_FILE.`,
    );
  }
  return read(path, 'The file credentials/master.key in DATA_DIR');
}

async function read(path: string, what: string): Promise<MasterKey> {
  let text: string;
  try {
    text = (await readFile(path, 'utf8')).trim();
  } catch (error) {
    const code = errorCodeOf(error) ?? 'unknown error';
    throw new AppError('KEK_MISMATCH', `${what} cannot be read (${code}).`, { cause: error });
  }
  const bytes = Buffer.from(text, 'base64');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(text) || bytes.length !== KEY_BYTES) {
    throw new AppError(
      'KEK_MISMATCH',
      `${what} must hold 32 bytes in base64. Make one with: openssl rand -base64 32 > FILE; chmod 600 FILE`,
    );
  }
  return new MasterKey(bytes);
}
