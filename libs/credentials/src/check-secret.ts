import { AppError } from '@app/contracts';
import { kindOfSecret, type CredentialKind } from './credential.js';

const MIN_LENGTH = 16;
const MAX_LENGTH = 512;
const FORM = /^sk-ant-[A-Za-z0-9_-]+$/;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * Refuses what cannot be a credential, so that a bad paste is noticed now and not when a task fails. Behind a model
 * gateway any visible characters may be a key. Throws `INVALID_CREDENTIAL`; the message never repeats the secret.
 */
export function checkSecret(kind: CredentialKind, secret: string, options: { gateway: boolean }): void {
  const problem = problemOf(kind, secret, options.gateway);
  if (problem)
    throw new AppError('INVALID_CREDENTIAL', problem, { details: [{ field: kind, message: problem }] });
}

function problemOf(kind: CredentialKind, secret: string, gateway: boolean): string | null {
  if (secret === '') return 'The credential is empty.';
  if (/\s/.test(secret)) return 'The credential contains a space or a line break. Paste the key alone.';
  if (!VISIBLE_ASCII.test(secret))
    return 'The credential contains characters that no key has. Copy it again.';
  if (secret.length < MIN_LENGTH) return 'The credential is too short. Copy the whole key.';
  if (secret.length > MAX_LENGTH) return 'The credential is too long. Paste the key alone.';
  if (kind === 'api_key' && kindOfSecret(secret) === 'oauth_token') {
    return 'This is an OAuth token, not an API key. Send it as {"provider":"claude","oauth_token":"sk-ant-oat…"}.';
  }
  if (gateway && kind === 'api_key') return null;
  if (!FORM.test(secret))
    return 'A Claude credential begins with sk-ant- and goes on with letters, digits, - and _.';
  if (kind === 'oauth_token' && kindOfSecret(secret) === 'api_key') {
    return 'This is not an OAuth token: those begin with sk-ant-oat. Send an API key as {"api_key":"sk-ant-…"}.';
  }
  return null;
}
