import { readdirSync, readFileSync } from 'node:fs';
import { copyFile, mkdir, readdir, readFile, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { loadSettings, type Settings } from '@app/config';
import { Paths } from '@app/paths';
import { restoreBackup, verifyArchive } from '@app/storage';
import { tempDataDir } from '../../support/index.js';
import { ABOUT, forgeArchive, type ForgedEntry } from './forge-archive.js';

let settings: Settings;
let paths: Paths;
let elsewhere: string;

beforeEach(async () => {
  settings = loadSettings({ DATA_DIR: await tempDataDir() });
  paths = new Paths(settings);
  elsewhere = await tempDataDir('archives');
  await mkdir(paths.userAgents, { recursive: true });
  await writeFile(join(paths.userAgents, 'mine'), 'untouched');
});

const restore = (archive: string): Promise<unknown> => restoreBackup(settings, paths, { archive, keks: [] });
const archiveOf = (entries: readonly ForgedEntry[], options = {}): Promise<string> =>
  forgeArchive(join(elsewhere, 'forged.tar.gz'), entries, options);

async function expectUntouched(): Promise<void> {
  expect(await readdir(paths.data)).toEqual(['config']);
  expect(await readFile(join(paths.userAgents, 'mine'), 'utf8')).toBe('untouched');
}

describe('a restore refuses, and leaves the data as it was,', () => {
  const tooLong = 'x'.repeat(300);
  it.each<[string, string, ForgedEntry[]]>([
    ['a path with ..', 'ARCHIVE_UNSAFE_PATH', [{ name: 'config/../../x' }]],
    ['a path that begins with ..', 'ARCHIVE_UNSAFE_PATH', [{ name: '../x' }]],
    ['an absolute path', 'ARCHIVE_UNSAFE_PATH', [{ name: '/etc/x' }]],
    ['a drive', 'ARCHIVE_UNSAFE_PATH', [{ name: 'C:/x' }]],
    ['a backslash', 'ARCHIVE_UNSAFE_PATH', [{ name: 'a\\b' }]],
    ['a dot in between', 'ARCHIVE_UNSAFE_PATH', [{ name: 'a/./b' }]],
    ['a part that is too long', 'ARCHIVE_UNSAFE_PATH', [{ name: tooLong }]],
    ['a symbolic link', 'ARCHIVE_LINK', [{ name: 'x', type: 'symlink', linkname: '/etc/passwd' }]],
    ['a hard link', 'ARCHIVE_LINK', [{ name: 'x', type: 'link', linkname: '/etc/passwd' }]],
    ['a device', 'ARCHIVE_LINK', [{ name: 'x', type: 'character-device' }]],
    ['a fifo', 'ARCHIVE_LINK', [{ name: 'x', type: 'fifo' }]],
    [
      'names that differ in case only',
      'ARCHIVE_UNSAFE_PATH',
      [{ name: 'config/agents/Foo' }, { name: 'config/agents/foo' }],
    ],
    ['one name twice', 'ARCHIVE_UNSAFE_PATH', [{ name: 'x' }, { name: 'x' }]],
    ['a master key', 'ARCHIVE_UNSAFE_PATH', [{ name: 'credentials/master.key', content: 'k' }]],
    ['backups', 'ARCHIVE_UNSAFE_PATH', [{ name: 'backups/x' }]],
    ['its own staging folder', 'ARCHIVE_UNSAFE_PATH', [{ name: '.restore/journal.json' }]],
  ])('%s', async (_what, code, entries) => {
    await expect(restore(await archiveOf(entries))).rejects.toMatchObject({ code });
    await expectUntouched();
  });

  it.each<[string, string, object]>([
    ['another program', 'BACKUP_INVALID', { about: { ...ABOUT, format: 'other' } }],
    ['a later format', 'BACKUP_INVALID', { about: { ...ABOUT, version: 2 } }],
    ['a later database', 'BACKUP_TOO_NEW', { about: { ...ABOUT, migrations: ['Later1999999999999'] } }],
    ['another master key', 'KEK_MISMATCH', { about: { ...ABOUT, kek: '0123456789abcdef' } }],
    ['nobody, without a manifest', 'BACKUP_INVALID', { manifest: false }],
  ])('an archive of %s', async (_what, code, options) => {
    await expect(restore(await archiveOf([{ name: 'x' }], options))).rejects.toMatchObject({ code });
    await expectUntouched();
  });

  it('an archive of which a byte was changed or the end is missing', async () => {
    const good = await archiveOf([{ name: 'x', content: 'y'.repeat(10_000) }]);
    const { length } = await readFile(good);
    for (const cut of [0, 1, 100, length - 600, length - 20, length - 1]) {
      const bad = join(elsewhere, 'cut.tar.gz');
      await copyFile(good, bad);
      await truncate(bad, Math.max(cut, 0));
      await expect(restore(bad)).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
    }
    for (let at = 20; at < length - 8; at += 37) {
      const bytes = readFileSync(good);
      bytes[at] = (bytes[at] ?? 0) ^ 0x10;
      const bad = join(elsewhere, 'changed.tar.gz');
      await writeFile(bad, bytes);
      await expect(verifyArchive(bad, join(elsewhere, 'draft'))).rejects.toBeInstanceOf(Error);
    }
    await expectUntouched();
    expect(readdirSync(elsewhere).sort()).toEqual(['changed.tar.gz', 'cut.tar.gz', 'forged.tar.gz']);
  });

  it('files that are no archive at all', async () => {
    const text = join(elsewhere, 'text');
    await writeFile(text, 'hello');
    await expect(restore(text)).rejects.toMatchObject({ code: 'BACKUP_INVALID' });
    await expectUntouched();
  });
});

it('a verification refuses an entry that the manifest does not have', async () => {
  const good = await archiveOf([{ name: 'x', content: 'y' }]);
  await expect(verifyArchive(good, join(elsewhere, 'draft'))).resolves.toMatchObject({
    totals: { entries: 2 },
  });
  const twice = await forgeArchive(join(elsewhere, 'more.tar.gz'), [
    {
      name: '.backup/manifest.ndjson',
      content: `${JSON.stringify({ totals: { entries: 0, bytes: 0, tables: {}, incomplete: 0, skipped: 0 } })}\n`,
    },
  ]);
  await expect(verifyArchive(twice, join(elsewhere, 'draft'))).rejects.toMatchObject({
    code: 'BACKUP_INVALID',
  });
});
