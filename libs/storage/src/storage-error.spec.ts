import { describe, expect, it } from '@jest/globals';
import { storageError } from './storage-error.js';

const failure = (code: string): Error => Object.assign(new Error(`${code}: write /data/x`), { code });

describe('storageError', () => {
  it.each([
    ['ENOSPC', 'STORAGE_FULL'],
    ['EDQUOT', 'STORAGE_FULL'],
    ['EACCES', 'STORAGE_NOT_WRITABLE'],
    ['EROFS', 'STORAGE_NOT_WRITABLE'],
  ])('tells the caller what %s means', (code, expected) => {
    expect(storageError(failure(code))).toMatchObject({ code: expected });
  });

  it('names no path', () => {
    expect(storageError(failure('ENOSPC'))).toMatchObject({ message: expect.not.stringContaining('/data') });
  });

  it('leaves a bug a bug', () => {
    const bug = new TypeError('x');
    expect(storageError(bug)).toBe(bug);
  });
});
