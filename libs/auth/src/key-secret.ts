import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { ApiKeyKind } from './api-key.entity.js';

/** 256 random bits; the prefix lets secret scanners and people tell what they found. */
const PREFIX: Record<ApiKeyKind, string> = { key: 'cca_', login: 'ccl_' };
const FORM: Record<ApiKeyKind, RegExp> = { key: /^cca_[\w-]{43}$/, login: /^ccl_[\w-]{43}$/ };

export interface KeySecret {
  secret: string;
  hash: string;
  tail: string;
}

export function makeSecret(kind: ApiKeyKind): KeySecret {
  return describeSecret(PREFIX[kind] + randomBytes(32).toString('base64url'));
}

/** What is kept of a secret: it cannot be had back from these. */
export function describeSecret(secret: string): KeySecret {
  return { secret, hash: hash('sha256', secret), tail: secret.slice(-4) };
}

export function hasForm(secret: string, kind: ApiKeyKind): boolean {
  return FORM[kind].test(secret);
}

/** In constant time: how long a comparison takes must not tell how much of a guess was right. */
export function sameHash(one: string, other: string): boolean {
  const [left, right] = [Buffer.from(one), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
