import { AppError } from '@app/contracts';
import { kindOfSecret, type CredentialKind, type Provider } from './credential.js';

/** Shorter ones, which the environment may hold, would be found in innocent words. */
export const MIN_LENGTH = 16;
const MAX_LENGTH = 512;
const FORM = /^sk-ant-[A-Za-z0-9_-]+$/;
const VISIBLE_ASCII = /^[\x21-\x7e]+$/;

/**
 * Refuses what cannot be a credential, so that a bad paste is noticed now and not when a task fails. Behind a model
 * gateway any visible characters may be a key, and so may be a token of GitHub or Jira, whose forms change. Throws
 * `INVALID_CREDENTIAL`; the message never repeats the secret.
 */
export function checkSecret(
  provider: Provider,
  kind: CredentialKind,
  secret: string,
  options: { gateway: boolean },
): void {
  const problem =
    badPaste(secret) ?? (provider === 'claude' ? notClaudes(kind, secret, options.gateway) : claudes(secret));
  if (problem)
    throw new AppError('INVALID_CREDENTIAL', problem, { details: [{ field: kind, message: problem }] });
}

function badPaste(secret: string): string | null {
  if (secret === '') return 'The credential is empty.';
  if (/\s/.test(secret)) return 'The credential contains a space or a line break. Paste the key alone.';
  if (!VISIBLE_ASCII.test(secret))
    return 'The credential contains characters that no key has. Copy it again.';
  if (secret.length < MIN_LENGTH) return 'The credential is too short. Copy the whole key.';
  if (secret.length > MAX_LENGTH) return 'The credential is too long. Paste the key alone.';
  return null;
}

function notClaudes(kind: CredentialKind, secret: string, gateway: boolean): string | null {
  if (kind === 'api_key' && kindOfSecret('claude', secret) === 'oauth_token') {
    return 'This is an OAuth token, not an API key. Send it as {"provider":"claude","oauth_token":"sk-ant-oat…"}.';
  }
  if (gateway && kind === 'api_key') return null;
  if (!FORM.test(secret))
    return 'A Claude credential begins with sk-ant- and goes on with letters, digits, - and _.';
  if (kind === 'oauth_token' && kindOfSecret('claude', secret) === 'api_key') {
    return 'This is not an OAuth token: those begin with sk-ant-oat. Send an API key as {"api_key":"sk-ant-…"}.';
  }
  return null;
}

function claudes(secret: string): string | null {
  return FORM.test(secret)
    ? 'This is a credential of Claude, not of this provider. Store it for the provider claude.'
    : null;
}
