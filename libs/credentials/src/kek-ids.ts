import { readFile } from 'node:fs/promises';
import { IsArray, IsString } from 'class-validator';
import type { Settings } from '@app/config';
import { joinPath, type Paths } from '@app/paths';
import { errorCodeOf, parseStored, readTextIfThere } from '@app/storage';
import { ownMasterKeyFile } from './load-master-keys.js';
import { keyLinesOf, masterKeyOf } from './master-key.js';

class KeyringFacts {
  @IsString()
  primary: string;

  @IsArray()
  keys: { kid?: unknown; kek?: unknown }[];
}

/** The id of the master key that the stored credentials need; null when none are stored. For backups. */
export async function storedKekId(paths: Paths): Promise<string | null> {
  const text = await readTextIfThere(joinPath(paths.credentials, 'keyring.json'));
  const keyring = text === null ? null : parseStored(KeyringFacts, text);
  const kek = keyring?.keys.find(({ kid }) => kid === keyring.primary)?.kek;
  return typeof kek === 'string' ? kek : null;
}

/** The ids of the master keys that are there, without making one; none when there is no file or it is not readable. */
export async function presentKekIds(settings: Settings, paths: Paths): Promise<string[]> {
  const file = settings.masterKeyFile ?? ownMasterKeyFile(paths);
  try {
    return keyLinesOf(await readFile(file, 'utf8')).flatMap((line) => masterKeyOf(line)?.id ?? []);
  } catch (error) {
    if (errorCodeOf(error) === null) throw error;
    return [];
  }
}
