import { randomBytes } from 'node:crypto';
import { Type } from 'class-transformer';
import { Equals, IsArray, IsISO8601, IsString, Matches, ValidateNested } from 'class-validator';
import { AppError } from '@app/contracts';
import { joinPath, type DataPath, type Paths } from '@app/paths';
import { parseStored, readTextIfThere, SerialByKey, type DataFiles } from '@app/storage';
import type { MasterKey } from './master-key.js';
import { open, seal, Sealed } from './seal.js';

/** A data key, wrapped by the master key whose id is `kek`. */
class WrappedKey extends Sealed {
  @Matches(/^[0-9a-f]{16}$/)
  kid: string;

  @Matches(/^[0-9a-f]{16}$/)
  kek: string;

  @IsISO8601()
  created_at: string;
}

/**
 * /data/credentials/keyring.json. Several keys can stand side by side, each with its own `kek`: so keys can be
 * rotated (a new primary) and rewrapped (a new master key) one by one, and a crash in between loses nothing.
 */
class KeyringFile {
  @Equals(1)
  version: 1;

  /** The `kid` that new secrets are encrypted with. */
  @IsString()
  primary: string;

  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => WrappedKey)
  keys: WrappedKey[];
}

export interface DataKey {
  kid: string;
  bytes: Uint8Array;
}

/** The keys that secrets are encrypted with. Read from the file each time: another process may have changed it. */
export class Keyring {
  private readonly path: DataPath;
  private readonly serial = new SerialByKey();

  constructor(
    private readonly masterKey: MasterKey,
    private readonly files: DataFiles,
    paths: Paths,
  ) {
    this.path = joinPath(paths.credentials, 'keyring.json');
  }

  /** The key for something new. A keyring of another master key gets one of ours beside its own. */
  sealingKey(): Promise<DataKey> {
    return this.serial.run('keyring', async () => {
      const file = await this.read();
      const primary = file?.keys.find((key) => key.kid === file.primary);
      if (primary?.kek === this.masterKey.id) return this.unwrap(primary);
      return file ? this.add(file) : this.begin();
    });
  }

  /** Throws `KEK_MISMATCH` or `DECRYPT_FAILED`. */
  async openingKey(kid: string): Promise<DataKey> {
    const wrapped = (await this.read())?.keys.find((key) => key.kid === kid);
    if (!wrapped) throw decryptFailed('The key it was encrypted with is not in the keyring.');
    return this.unwrap(wrapped);
  }

  private unwrap(wrapped: WrappedKey): DataKey {
    if (wrapped.kek !== this.masterKey.id) {
      throw new AppError(
        'KEK_MISMATCH',
        'The stored credential belongs to another master key. Start with the MASTER_KEY_FILE it was stored with, or store the credential again.',
      );
    }
    const bytes = open(this.masterKey.wrappingKey, contextOf(wrapped.kid), wrapped);
    if (!bytes) throw decryptFailed('The keyring was changed or is damaged.');
    return { kid: wrapped.kid, bytes };
  }

  private async begin(): Promise<DataKey> {
    const key = this.makeKey();
    const file: KeyringFile = { version: 1, primary: key.kid, keys: [key] };
    if (await this.write(file, true)) return this.unwrap(key);
    // Another process made the keyring between our look and our write: use that one.
    const theirs = await this.read();
    const primary = theirs?.keys.find((candidate) => candidate.kid === theirs.primary);
    if (!primary) throw decryptFailed('The keyring has no primary key.');
    return this.unwrap(primary);
  }

  private async add(file: KeyringFile): Promise<DataKey> {
    const key = this.makeKey();
    await this.write({ version: 1, primary: key.kid, keys: [...file.keys, key] }, false);
    return this.unwrap(key);
  }

  private makeKey(): WrappedKey {
    const kid = randomBytes(8).toString('hex');
    return {
      kid,
      kek: this.masterKey.id,
      created_at: new Date().toISOString(),
      ...seal(this.masterKey.wrappingKey, contextOf(kid), randomBytes(32)),
    };
  }

  private write(file: KeyringFile, onlyIfAbsent: boolean): Promise<boolean> {
    return this.files.writeFileAtomic(this.path, `${JSON.stringify(file, null, 2)}\n`, {
      mode: 0o600,
      onlyIfAbsent,
    });
  }

  private async read(): Promise<KeyringFile | null> {
    const text = await readTextIfThere(this.path);
    if (text === null) return null;
    const file = parseStored(KeyringFile, text);
    if (!file) throw decryptFailed('The keyring is damaged.');
    return file;
  }
}

/** What is wrong comes first; the remedy is always the same. */
export function decryptFailed(problem: string): AppError {
  return new AppError(
    'DECRYPT_FAILED',
    `The stored credential cannot be decrypted. ${problem} Restore the credentials folder from a backup; or remove keyring.json from it and store the credential again.`,
  );
}

function contextOf(kid: string): string {
  return `keyring:v1:${kid}`;
}
