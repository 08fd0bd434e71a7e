import { hkdfSync, randomBytes } from 'node:crypto';

const KEY_BYTES = 32;

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
