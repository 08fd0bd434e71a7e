import { describe, expect, it } from '@jest/globals';
import { explainDataDir } from './data-dir-error.js';

const messageFor = async (code: string): Promise<string> =>
  (await explainDataDir('/nowhere/data', Object.assign(new Error(code), { code }))).message;

describe('a data folder that cannot be written', () => {
  it.each([
    ['EACCES', 'chown -R'],
    ['EROFS', 'without `:ro`'],
    ['ENOTDIR', 'a file is in the way'],
    ['ENOENT', 'takes no folders'],
    ['EIO', 'EIO'],
  ])('by %s is explained to the operator, with what to do', async (code, words) => {
    expect(await messageFor(code)).toContain(words);
    expect(await messageFor(code)).toContain('/nowhere/data');
  });
});
