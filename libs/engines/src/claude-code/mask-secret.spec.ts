import { describe, expect, it } from '@jest/globals';
import { maskAllIn, maskText, maskValue, StreamingMasker, StreamMaskers } from './mask-secret.js';

const SECRET = 'sk-abab-secret';

const stream = (text: string, size: number): string[] => {
  const masker = new StreamingMasker(SECRET);
  const pieces = text.match(new RegExp(`[\\s\\S]{1,${size}}`, 'g')) ?? [];
  return [...pieces.map((piece) => masker.push(piece)), masker.flush()];
};

describe('masking a secret', () => {
  it('masks every place in a value, keys included', () => {
    const value = { [SECRET]: [`a ${SECRET} b ${SECRET}`, 7, null], deep: { er: SECRET } };
    expect(maskValue(value, SECRET)).toEqual({
      '[masked]': ['a [masked] b [masked]', 7, null],
      deep: { er: '[masked]' },
    });
  });

  it.each([1, 2, 3, 5, 7, 100])('gives the masked whole, in pieces of %i characters', (size) => {
    const text = `sk- sk-abab-sk-abab-secret ${SECRET}${SECRET} s sk-abab-secre`;
    const pieces = stream(text, size);
    expect(pieces.join('')).toBe(maskText(text, SECRET));
  });

  it('holds nothing back that could not become the secret', () => {
    expect(stream('word word ', 5)).toEqual(['word ', 'word ', '']);
  });
});

describe('several secrets', () => {
  const SECRETS = ['ghp_the-second-secret', 'ATATT-the-third'];

  it('are masked in a value, wherever they are', () => {
    expect(maskAllIn({ a: [`x ${SECRETS[0]}`], b: `${SECRETS[1]}${SECRETS[0]}` }, SECRETS)).toEqual({
      a: ['x [masked]'],
      b: '[masked][masked]',
    });
  });

  it.each([1, 3, 7, 100])('are masked in a text that comes in pieces of %i', (size) => {
    const text = `begin ${SECRETS[1]} middle ${SECRETS[0]}${SECRETS[1]} almost ghp_the-second-se`;
    const maskers = new StreamMaskers(SECRETS);
    let out = '';
    for (let at = 0; at < text.length; at += size) out += maskers.push(text.slice(at, at + size));
    expect(out + maskers.flush()).toBe('begin [masked] middle [masked][masked] almost ghp_the-second-se');
  });
});
