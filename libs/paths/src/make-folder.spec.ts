import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeFolder } from './make-folder.js';

describe('making a folder that people name', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'make-folder-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('makes those above it too, and is content when all are there', () => {
    const deep = join(folder, 'one', 'two');
    makeFolder(deep);
    makeFolder(deep);
    expect(statSync(deep).isDirectory()).toBe(true);
  });

  it('fails where a file is in the way', () => {
    writeFileSync(join(folder, 'file'), '');
    expect(() => makeFolder(join(folder, 'file', 'below'))).toThrow(/ENOTDIR/);
  });

  const onLinux = process.platform === 'linux' ? it : it.skip;
  onLinux('fails, and does not hang, where the system takes no folders', () => {
    expect(() => makeFolder('/proc/no-such-folder/below')).toThrow(/ENOENT/);
  });
});
