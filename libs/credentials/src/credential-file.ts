import { Equals, IsEmail, IsIn, IsInt, IsISO8601, IsOptional, IsString, MaxLength } from 'class-validator';
import { parseStored } from '@app/storage';
import { sealingContextOf, type CredentialRef } from './credential-ref.js';
import { CREDENTIAL_KINDS, type CredentialKind } from './credential.js';
import { decryptFailed, type DataKey, type Keyring } from './keyring.js';
import { open, seal, Sealed } from './seal.js';

/** /data/credentials/<provider>[.<label>].json: what anybody may know in the clear, the secret encrypted. */
export class CredentialFile extends Sealed {
  @Equals(1)
  version: 1;

  @IsString()
  provider: string;

  @IsString()
  @MaxLength(64)
  credential_id: string;

  @IsIn(CREDENTIAL_KINDS)
  kind: CredentialKind;

  @IsString()
  @MaxLength(8)
  masked: string;

  @IsISO8601()
  created_at: string;

  /** The name of the API key that stored it; files of earlier versions do not say. */
  @IsOptional()
  @IsString()
  created_by?: string;

  /** Higher is used first; 0 where nothing is said. */
  @IsOptional()
  @IsInt()
  priority?: number;

  /** The account that a token of Jira belongs to. */
  @IsOptional()
  @IsEmail()
  email?: string;

  /** The key of the keyring it is encrypted with. */
  @IsString()
  kid: string;
}

export type CredentialFacts = Omit<CredentialFile, 'version' | 'kid' | keyof Sealed>;

/** What the cipher protects: the kind too, so that a token cannot be turned into a key by editing the file. */
interface Protected {
  kind: CredentialKind;
  secret: string;
}

export function sealCredential(
  ref: CredentialRef,
  facts: CredentialFacts,
  secret: string,
  key: DataKey,
): CredentialFile {
  const plain: Protected = { kind: facts.kind, secret };
  return {
    version: 1,
    ...facts,
    kid: key.kid,
    ...seal(key.bytes, sealingContextOf(ref, key.kid), Buffer.from(JSON.stringify(plain))),
  };
}

/** The secret of a file that was stored at this place. Throws `DECRYPT_FAILED` or `KEK_MISMATCH`. */
export async function openCredential(
  ref: CredentialRef,
  file: CredentialFile,
  keyring: Keyring,
): Promise<string> {
  const key = await keyring.openingKey(file.kid);
  // The place is the one asked for, never the one the file claims: a swapped file does not open.
  const plain = open(key.bytes, sealingContextOf(ref, file.kid), file);
  const content = plain && parseProtected(plain.toString('utf8'));
  if (!content || content.kind !== file.kind)
    throw decryptFailed('Its file was changed, swapped or damaged.');
  return content.secret;
}

/** The same credential, encrypted with another key. */
export function resealCredential(
  ref: CredentialRef,
  file: CredentialFile,
  secret: string,
  key: DataKey,
): CredentialFile {
  const { version: _version, kid: _kid, iv: _iv, ciphertext: _ciphertext, tag: _tag, ...facts } = file;
  return sealCredential(ref, facts, secret, key);
}

export function parseCredentialFile(text: string): CredentialFile {
  const file = parseStored(CredentialFile, text);
  if (!file) throw decryptFailed('Its file is damaged.');
  return file;
}

function parseProtected(text: string): { kind: unknown; secret: string } | null {
  const value: unknown = JSON.parse(text);
  if (typeof value !== 'object' || value === null) return null;
  if (!('kind' in value) || !('secret' in value) || typeof value.secret !== 'string') return null;
  return { kind: value.kind, secret: value.secret };
}
