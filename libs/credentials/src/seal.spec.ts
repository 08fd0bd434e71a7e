import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { open, seal } from './seal.js';

const key = randomBytes(32);
const text = Buffer.from('the secret');

describe('seal and open', () => {
  it('give back what was sealed', () => {
    expect(open(key, 'context', seal(key, 'context', text))?.toString()).toBe('the secret');
  });

  it('use another IV each time', () => {
    const ivs = Array.from({ length: 100 }, () => seal(key, 'context', text).iv);
    expect(new Set(ivs).size).toBe(100);
    expect(Buffer.from(ivs[0] ?? '', 'base64')).toHaveLength(12);
  });

  it('do not open with another key or under another context', () => {
    const sealed = seal(key, 'cred:v1:claude:a', text);
    expect(open(randomBytes(32), 'cred:v1:claude:a', sealed)).toBeNull();
    expect(open(key, 'cred:v1:github:a', sealed)).toBeNull();
  });

  it.each(['iv', 'ciphertext', 'tag'] as const)('do not open when a bit of the %s was changed', (part) => {
    const sealed = seal(key, 'context', text);
    const bytes = Buffer.from(sealed[part], 'base64');
    bytes[0] = (bytes[0] ?? 0) ^ 1;
    expect(open(key, 'context', { ...sealed, [part]: bytes.toString('base64') })).toBeNull();
  });

  it('do not take a short tag for a whole one', () => {
    const sealed = seal(key, 'context', text);
    const short = Buffer.from(sealed.tag, 'base64').subarray(0, 4).toString('base64');
    expect(open(key, 'context', { ...sealed, tag: short })).toBeNull();
  });
});
