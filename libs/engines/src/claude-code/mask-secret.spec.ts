import { describe, expect, it } from '@jest/globals';
import { maskText, maskValue, StreamingMasker } from './mask-secret.js';

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
