import { describe, expect, it } from '@jest/globals';
import { describeSecret, hasForm, makeSecret, sameHash } from './key-secret.js';

describe('key secrets', () => {
  it('have 256 bits and a form that tells their kind', () => {
    const key = makeSecret('key');
    expect(key.secret).toMatch(/^cca_[\w-]{43}$/);
    expect(Buffer.from(key.secret.slice(4), 'base64url')).toHaveLength(32);
    expect(hasForm(key.secret, 'key')).toBe(true);
    expect(hasForm(key.secret, 'login')).toBe(false);
    expect(makeSecret('key').secret).not.toBe(key.secret);
  });

  it('are described by a hash and four characters', () => {
    const { secret, hash, tail } = makeSecret('login');
    expect(hash).toMatch(/^[\da-f]{64}$/);
    expect(secret.endsWith(tail)).toBe(true);
    expect(tail).toHaveLength(4);
    expect(sameHash(describeSecret(secret).hash, hash)).toBe(true);
    expect(sameHash(hash, describeSecret(`${secret}x`).hash)).toBe(false);
    expect(sameHash(hash, '')).toBe(false);
  });
});
