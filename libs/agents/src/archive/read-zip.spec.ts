import { crc32 } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { zipOf, type ZipEntry } from '../../../../test/support/hostile-zip.js';
import { MAX_FILE_BYTES } from '../folders/limits.js';
import { readZip } from './read-zip.js';
import { zipBytes } from './write-zip.js';

const codeOf = async (archive: Buffer): Promise<unknown> => {
  try {
    await readZip(archive);
    return 'no refusal';
  } catch (error) {
    return typeof error === 'object' && error && 'code' in error ? error.code : error;
  }
};
const one = (entry: Partial<ZipEntry>): Buffer => zipOf([{ name: 'a.md', content: 'A', ...entry }]);

describe('readZip', () => {
  it('reads files, and leaves folders to their files', async () => {
    const files = await readZip(
      zipOf([
        { name: 'docs/', mode: 0o040755 },
        { name: 'docs/a.md', content: 'A' },
        { name: 'b.bin', content: Buffer.from([0, 255]), method: 0 },
      ]),
    );
    expect([...files].map(([path, { content }]) => [path, [...content]])).toEqual([
      ['docs/a.md', [65]],
      ['b.bin', [0, 255]],
    ]);
  });

  it('reads back what writeZip wrote, whose bytes depend on the files alone', async () => {
    const files = new Map([
      ['b/run.sh', { content: Buffer.from('#!/bin/sh\n'), executable: true }],
      ['a.md', { content: Buffer.from('Ä'), executable: false }],
    ]);
    const archive = await zipBytes(files);
    expect(await readZip(archive)).toEqual(files);
    expect(await zipBytes(new Map([...files].reverse()))).toEqual(archive);
  });

  it('keeps of the permissions whether a file can be executed', async () => {
    const executable = async (entry: Partial<ZipEntry>) =>
      (await readZip(one(entry))).get('a.md')?.executable;
    expect(await executable({ mode: 0o104777 })).toBe(true);
    expect(await executable({ mode: 0o100666, content: '#!/bin/sh' })).toBe(false);
    expect(await executable({ madeOn: 0, mode: 0, content: '#!/bin/sh' })).toBe(true);
    expect(await executable({ madeOn: 0, mode: 0, content: 'text' })).toBe(false);
  });

  it.each([
    '../x',
    'a/../../x',
    'a/..',
    '/etc/passwd',
    'C:/x',
    'c:x',
    '..\\x',
    'a\\b',
    './a',
    'a//b',
    'a/./b',
    '/',
    '',
    'a\0b',
  ])('refuses the name %j', async (name) => {
    expect(await codeOf(zipOf([{ name: 'ok.md', content: 'x' }, { name }]))).toBe('ARCHIVE_UNSAFE_PATH');
  });

  it('refuses a harmless name with a second one behind it that leaves the folder', async () => {
    const name = Buffer.from('../x');
    const extra = Buffer.alloc(9);
    extra.writeUInt16LE(0x7075, 0);
    extra.writeUInt16LE(5 + name.length, 2);
    extra[4] = 1;
    extra.writeUInt32LE(crc32('a.md'), 5);
    expect(await codeOf(one({ extra: Buffer.concat([extra, name]) }))).toBe('ARCHIVE_UNSAFE_PATH');
  });

  it.each([
    ['a symbolic link', 0o120777],
    ['a character device', 0o020666],
    ['a block device', 0o060666],
    ['a fifo', 0o010666],
    ['a socket', 0o140666],
  ])('refuses %s, whatever system it says it was made on', async (_what, mode) => {
    expect(await codeOf(one({ mode, content: '/etc/passwd' }))).toBe('ARCHIVE_LINK');
    expect(await codeOf(one({ mode, madeOn: 0 }))).toBe('ARCHIVE_LINK');
  });

  describe('refuses as too large', () => {
    it('a bomb that says its size', async () => {
      const archive = one({ content: Buffer.alloc(64 * 1024 * 1024) });
      expect(archive.length).toBeLessThan(100_000);
      expect(await codeOf(archive)).toBe('ARCHIVE_TOO_LARGE');
    });

    it('many files that are small alone', async () => {
      const content = Buffer.alloc(MAX_FILE_BYTES);
      const entries = Array.from({ length: 17 }, (_, i) => ({ name: `f${i}`, content }));
      expect(await codeOf(zipOf(entries))).toBe('ARCHIVE_TOO_LARGE');
    });

    it('201 files', async () => {
      expect(await codeOf(zipOf(Array.from({ length: 201 }, (_, i) => ({ name: `f${i}` }))))).toBe(
        'ARCHIVE_TOO_LARGE',
      );
    });

    it('60,000 entries, before it reads one', async () => {
      expect(await codeOf(zipOf([{ name: 'a' }], { count: 60_000 }))).toBe('ARCHIVE_TOO_LARGE');
    });
  });

  it('refuses a bomb that lies about its size', async () => {
    expect(await codeOf(one({ content: Buffer.alloc(64 * 1024 * 1024), size: 10 }))).toBe('ARCHIVE_INVALID');
  });

  const whole = zipOf([{ name: 'a.md', content: 'x'.repeat(1000) }]);
  it.each([
    ['more bytes than there are', one({ size: 1000 })],
    ['fewer bytes than there are', one({ content: 'long enough', size: 3 })],
    ['a packed size beyond the end', one({ packedSize: 1_000_000 })],
    ['a checksum that is not that of the file', one({ crc: 1 })],
    ['more entries than there are', zipOf([{ name: 'a' }], { count: 3 })],
    ['encrypted content', one({ flags: 0x801 })],
    ['an unknown way of packing', one({ method: 99 })],
    ['a folder that is a file', one({ name: 'a/', mode: 0o100644 })],
    ['a name that is not UTF-8', one({ name: Buffer.from([0x61, 0xff, 0x62]) })],
    ['half of itself', whole.subarray(0, whole.length / 2)],
    ['all but its last byte', whole.subarray(0, -1)],
    ['no bytes', Buffer.alloc(0)],
    ['text', Buffer.from('not an archive at all, but long enough to look for its end')],
    ['the same name twice', zipOf([{ name: 'a' }, { name: 'a' }])],
    ['names that differ in case', zipOf([{ name: 'skills/A.md' }, { name: 'skills/a.md' }])],
    ['folders that differ in case', zipOf([{ name: 'Docs/a.md' }, { name: 'docs/b.md' }])],
    ['a file that is a folder too', zipOf([{ name: 'a' }, { name: 'a/b' }])],
  ])('refuses an archive with %s', async (_what, archive) => {
    expect(await codeOf(archive)).toBe('ARCHIVE_INVALID');
  });

  it('survives every single damaged byte', async () => {
    const archive = zipOf([{ name: 'a.md', content: 'A' }]);
    for (let at = 0; at < archive.length; at++) {
      const damaged = Buffer.from(archive);
      damaged[at] = (damaged[at] ?? 0) ^ 0xff;
      expect(await codeOf(damaged)).toMatch(/^(ARCHIVE_|no refusal)/);
    }
  });
});
