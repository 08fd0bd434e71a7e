import { randomBytes } from 'node:crypto';
import { Type } from 'class-transformer';
import { Equals, IsArray, IsISO8601, IsString, Matches, ValidateNested } from 'class-validator';
import { AppError } from '@app/contracts';
import { joinPath, type DataPath, type Paths } from '@app/paths';
import { parseStored, readTextIfThere, type DataFiles } from '@app/storage';
import type { MasterKey } from './master-key.js';
import type { MasterKeys } from './master-keys.js';
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

/**
 * The keys that secrets are encrypted with. Read from the file each time: another process may have changed it. Those who
 * change it hold the `CredentialsLock`.
 */
export class Keyring {
  private readonly path: DataPath;

  constructor(
    private readonly masterKeys: MasterKeys,
    private readonly files: DataFiles,
    paths: Paths,
  ) {
    this.path = joinPath(paths.credentials, 'keyring.json');
  }

  /** The key for something new. A keyring of master keys that are not there gets a key of ours beside its own. */
  async sealingKey(): Promise<DataKey> {
    const file = await this.read();
    const primary = file?.keys.find((key) => key.kid === file.primary);
    if (primary && (await this.masterKeys.find(primary.kek))) return this.unwrap(primary);
    return this.add(file);
  }

  /** Throws `KEK_MISMATCH` or `DECRYPT_FAILED`. */
  async openingKey(kid: string): Promise<DataKey> {
    const wrapped = (await this.read())?.keys.find((key) => key.kid === kid);
    if (!wrapped) throw decryptFailed('The key it was encrypted with is not in the keyring.');
    return this.unwrap(wrapped);
  }

  /**
   * Wraps all keys that can be opened with the current master key, and adds a new primary one when asked to; one write,
   * so a crash leaves the keyring of before or of after. Keys of master keys that are not there stay as they are.
   */
  async rewrap({ withNewPrimary }: { withNewPrimary: boolean }): Promise<void> {
    const file = await this.read();
    if (!file) return;
    const master = await this.masterKeys.current();
    const keys = await Promise.all(file.keys.map((key) => this.rewrapped(key, master)));
    const fresh = withNewPrimary ? [makeKey(master)] : [];
    await this.write({ version: 1, primary: fresh[0]?.kid ?? file.primary, keys: [...keys, ...fresh] });
  }

  /** Forgets the keys that nothing is encrypted with any more; the primary one stays. */
  async keepOnly(kids: ReadonlySet<string>): Promise<void> {
    const file = await this.read();
    if (!file) return;
    const keys = file.keys.filter(({ kid }) => kid === file.primary || kids.has(kid));
    if (keys.length < file.keys.length) await this.write({ ...file, keys });
  }

  /** The ids of the master keys that the keyring needs. */
  async kekIds(): Promise<Set<string>> {
    return new Set((await this.read())?.keys.map(({ kek }) => kek));
  }

  private async rewrapped(wrapped: WrappedKey, master: MasterKey): Promise<WrappedKey> {
    if (wrapped.kek === master.id || !(await this.masterKeys.find(wrapped.kek))) return wrapped;
    const { bytes } = await this.unwrap(wrapped);
    return { ...wrapped, kek: master.id, ...seal(master.wrappingKey, contextOf(wrapped.kid), bytes) };
  }

  private async unwrap(wrapped: WrappedKey): Promise<DataKey> {
    const master = await this.masterKeys.find(wrapped.kek);
    if (!master) {
      throw new AppError(
        'KEK_MISMATCH',
        'The stored credential belongs to another master key. Start with the MASTER_KEY_FILE it was stored with, or store the credential again.',
      );
    }
    const bytes = open(master.wrappingKey, contextOf(wrapped.kid), wrapped);
    if (!bytes) throw decryptFailed('The keyring was changed or is damaged.');
    return { kid: wrapped.kid, bytes };
  }

  private async add(file: KeyringFile | null): Promise<DataKey> {
    const key = makeKey(await this.masterKeys.current());
    await this.write({ version: 1, primary: key.kid, keys: [...(file?.keys ?? []), key] });
    return this.unwrap(key);
  }

  private async write(file: KeyringFile): Promise<void> {
    await this.files.writeFileAtomic(this.path, `${JSON.stringify(file, null, 2)}\n`, { mode: 0o600 });
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

function makeKey(master: MasterKey): WrappedKey {
  const kid = randomBytes(8).toString('hex');
  return {
    kid,
    kek: master.id,
    created_at: new Date().toISOString(),
    ...seal(master.wrappingKey, contextOf(kid), randomBytes(32)),
  };
}

function contextOf(kid: string): string {
  return `keyring:v1:${kid}`;
}
