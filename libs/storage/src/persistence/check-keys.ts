import type { PersistenceFinding } from '@app/contracts';
import { fail, ok } from './finding.js';

/** Ids of master keys: the one that is there, and the one that the stored credentials need. */
export interface MasterKeys {
  present: readonly string[];
  stored: string | null;
}

/** Whether stored credentials can still be read: a master key that was not on the volume is a new one. */
export function checkMasterKey({ present, stored }: MasterKeys): PersistenceFinding {
  if (stored === null) return ok('master key', 'No credential is stored yet.');
  if (present.includes(stored)) return ok('master key', 'It is the one that the stored credentials need.');
  return fail(
    'master key',
    present.length === 0 ? 'MASTER_KEY_MISSING' : 'MASTER_KEY_WRONG',
    `${present.length === 0 ? 'No master key can be read' : 'The master key is another one'}: the stored credentials cannot be read.`,
    'Put the right key back (MASTER_KEY_FILE, or DATA_DIR/credentials/master.key). If it is lost, store the credentials again.',
  );
}
