import { readFile } from 'node:fs/promises';
import { IsArray, IsString } from 'class-validator';
import type { Settings } from '@app/config';
import { joinPath, type Paths } from '@app/paths';
import { errorCodeOf, parseStored, readTextIfThere } from '@app/storage';
import { MasterKey } from './master-key.js';

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

/** The id of the master key that is there, without making one; null when there is none or it is not readable. */
export async function presentKekId(settings: Settings, paths: Paths): Promise<string | null> {
  const file = settings.masterKeyFile ?? joinPath(paths.credentials, 'master.key');
  try {
    const bytes = Buffer.from((await readFile(file, 'utf8')).trim(), 'base64');
    return bytes.length === 32 ? new MasterKey(bytes).id : null;
  } catch (error) {
    if (errorCodeOf(error) === null) throw error;
    return null;
  }
}
