import { chmod, mkdir, readdir, readFile, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { joinPath, Paths, type DataPath } from '@app/paths';
import { assertDataDirWritable, DataFiles } from '@app/storage';
import { tempDataDir } from '../../support/temp-folder.js';

describe('DataFiles', () => {
  let data: DataPath;
  let files: DataFiles;
  const place = (...parts: string[]): DataPath => joinPath(data, ...parts);

  beforeEach(async () => {
    const paths = new Paths({ appDir: '/app', dataDir: await tempDataDir() });
    data = paths.data;
    files = new DataFiles(paths);
  });

  it('writes a file with exactly the permissions asked for, and leaves nothing beside it', async () => {
    const before = process.umask(0o077);
    try {
      await files.writeFileAtomic(place('a', 'b.json'), 'one', { mode: 0o644 });
      await files.writeFileAtomic(place('a', 'b.json'), 'two', { mode: 0o640 });
    } finally {
      process.umask(before);
    }
    expect(await readFile(place('a', 'b.json'), 'utf8')).toBe('two');
    expect((await stat(place('a', 'b.json'))).mode & 0o777).toBe(0o640);
    expect(await readdir(place('a'))).toEqual(['b.json']);
  });

  it('keeps a file that is there when asked to', async () => {
    const writes = await Promise.all(
      ['one', 'two', 'three'].map((text) =>
        files.writeFileAtomic(place('x'), text, { mode: 0o600, onlyIfAbsent: true }),
      ),
    );
    expect(writes.filter(Boolean)).toHaveLength(1);
    expect(await readdir(data)).toEqual(['x']);
  });

  it('replaces a folder whole', async () => {
    const write = (names: string[]) =>
      files.replaceFolder(
        place('f'),
        names.map((path) => ({ path, content: path })),
      );
    await write(['a', 'sub/b']);
    await write(['c', 'sub/deep/d']);
    expect((await readdir(place('f'), { recursive: true })).sort()).toEqual([
      'c',
      'sub',
      'sub/deep',
      'sub/deep/d',
    ]);
    expect(await readdir(data)).toEqual(['f']);
  });

  it('ends in one of the versions when several are written at once', async () => {
    await Promise.all(
      ['a', 'b', 'c', 'd', 'e'].map((path) => files.replaceFolder(place('f'), [{ path, content: path }])),
    );
    expect(await readdir(place('f'))).toHaveLength(1);
    expect(await readdir(data)).toEqual(['f']);
  });

  describe('after a crash', () => {
    const longAgo = new Date(Date.now() - 3_600_000);
    const leave = async (name: string, content: string) => {
      await mkdir(place(name));
      await writeFile(place(name, 'file'), content);
      await utimes(place(name), longAgo, longAgo);
    };

    it('before the swap keeps the old folder', async () => {
      await leave('x', 'old');
      await leave('.x.0123456789ab.new', 'half');
      expect(await files.recover(data)).toBe(1);
      expect(await readdir(data)).toEqual(['x']);
      expect(await readFile(place('x', 'file'), 'utf8')).toBe('old');
    });

    it('between the two renames puts the old folder back', async () => {
      await leave('.x.0123456789ab.old', 'old');
      await leave('.x.0123456789ab.new', 'new');
      await files.recover(data);
      expect(await readdir(data)).toEqual(['x']);
      expect(await readFile(place('x', 'file'), 'utf8')).toBe('old');
    });

    it('after the swap keeps the new folder', async () => {
      await leave('x', 'new');
      await leave('.x.0123456789ab.old', 'old');
      await files.recover(data);
      expect(await readdir(data)).toEqual(['x']);
      expect(await readFile(place('x', 'file'), 'utf8')).toBe('new');
    });

    it('removes half-written files, but not those another process writes just now', async () => {
      await writeFile(place('.a.json.0123456789ab.tmp'), 'half');
      await utimes(place('.a.json.0123456789ab.tmp'), longAgo, longAgo);
      await writeFile(place('.b.json.0123456789ab.tmp'), 'being written');
      await writeFile(place('.gitignore'), 'not ours');
      await files.recover(data);
      expect((await readdir(data)).sort()).toEqual(['.b.json.0123456789ab.tmp', '.gitignore']);
    });

    it('finds a folder that another process is swapping', async () => {
      await leave('.x.0123456789ab.old', 'old');
      const found = files.kindOf(place('x'));
      await mkdir(place('x'));
      await expect(found).resolves.toBe('folder');
    });

    it('puts a folder back for a reader when nobody ends the swap', async () => {
      await leave('.x.0123456789ab.old', 'old');
      await expect(files.kindOf(place('x'))).resolves.toBe('folder');
      expect(await readFile(place('x', 'file'), 'utf8')).toBe('old');
    });
  });

  describe('refuses a link that leads out of the data folder', () => {
    beforeEach(async () => {
      await symlink(await tempDataDir('outside'), place('out'));
    });

    it.each([
      ['a file', () => files.writeFileAtomic(place('out', 'x'), 'x', { mode: 0o600 })],
      [
        'a file in a folder to be made',
        () => files.writeFileAtomic(place('out', 'a', 'x'), 'x', { mode: 0o600 }),
      ],
      ['a folder', () => files.ensureFolder(place('out', 'x'))],
      ['the link itself as a folder', () => files.ensureFolder(place('out'))],
      ['a folder to be replaced', () => files.replaceFolder(place('out', 'x'), [])],
      ['a folder to be removed', () => files.removeFolder(place('out', 'x'))],
    ])('for %s', async (_what, write) => {
      await expect(write()).rejects.toMatchObject({ code: 'UNSAFE_PATH' });
      expect(await readdir(place('out'))).toEqual([]);
    });
  });

  it('replaces a link by a file and does not write through it', async () => {
    const outside = join(await tempDataDir('outside'), 'target');
    await writeFile(outside, 'untouched');
    await symlink(outside, place('x'));
    await files.writeFileAtomic(place('x'), 'mine', { mode: 0o600 });
    expect(await readFile(outside, 'utf8')).toBe('untouched');
    expect(await readFile(place('x'), 'utf8')).toBe('mine');
  });
});

describe('assertDataDirWritable', () => {
  it('takes a folder that does not exist yet, and leaves no trace', async () => {
    const folder = join(await tempDataDir(), 'new');
    await assertDataDirWritable(new Paths({ appDir: '/app', dataDir: folder }));
    expect(await readdir(folder)).toEqual([]);
  });

  it('says that a file is in the way', async () => {
    const folder = await tempDataDir();
    await writeFile(join(folder, 'file'), '');
    const paths = new Paths({ appDir: '/app', dataDir: join(folder, 'file') });
    await expect(assertDataDirWritable(paths)).rejects.toThrow(/DATA_DIR must be a folder/);
  });

  // Root may write anywhere, so there is nothing to refuse.
  const asUser = process.getuid?.() === 0 ? it.skip : it;
  asUser('tells the owner, the mode and what to do', async () => {
    const folder = await tempDataDir();
    await chmod(folder, 0o500);
    const paths = new Paths({ appDir: '/app', dataDir: folder });
    await expect(assertDataDirWritable(paths)).rejects.toThrow(/chown -R/);
  });
});
