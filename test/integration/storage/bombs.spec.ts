import { spawnSync } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { loadSettings } from '@app/config';
import { Paths } from '@app/paths';
import { restoreBackup } from '@app/storage';
import { pack } from 'tar-stream';
import { tempDataDir } from '../../support/index.js';
import { ensureBuilt } from '../../support/program.js';
import { ABOUT, forgeArchive } from './forge-archive.js';
import { hasNamespaces } from './in-namespace.js';

jest.setTimeout(90_000);

let archive: string;
let data: string;
beforeEach(async () => {
  archive = join(await tempDataDir('bombs'), 'bomb.tar.gz');
  data = await tempDataDir();
});

function restore(): Promise<unknown> {
  const settings = loadSettings({ DATA_DIR: data });
  return restoreBackup(settings, new Paths(settings), { archive, keks: [] });
}

/** An entry as tar writes it, without the end of an archive. */
async function entryOf(name: string, content: string): Promise<Buffer> {
  const tar = pack();
  tar.entry({ name }, content);
  tar.finalize();
  const chunks: Buffer[] = [];
  for await (const chunk of tar as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).subarray(0, -1024);
}

/** The beginning of an archive, followed by what `more` gives. */
async function forgeRaw(more: () => AsyncGenerator<Buffer>): Promise<void> {
  const beginning = await entryOf('.backup/about.json', JSON.stringify(ABOUT));
  await pipeline(
    async function* () {
      yield beginning;
      yield* more();
    },
    createGzip(),
    createWriteStream(archive),
  );
}

/** Of a file, with a size in tar's form for large ones, and the sum over all of it. */
async function headerThatSays(size: bigint): Promise<Buffer> {
  const header = (await entryOf('workspaces/x', 'x')).subarray(0, 512);
  header.fill(0, 124, 136);
  header.writeUInt8(0x80, 124);
  header.writeBigUInt64BE(size, 128);
  header.fill(' ', 148, 156);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  return header;
}

const MB = Buffer.alloc(1_000_000);

describe('a restore refuses a bomb, and nothing is left of it:', () => {
  it('an entry that says it is larger than any disk', async () => {
    const header = await headerThatSays(900_000_000_000_000n);
    await forgeRaw(async function* () {
      yield header;
      yield MB;
    });
    await expect(restore()).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' });
    expect(await readdir(data)).toEqual([]);
  });

  it('a gigabyte of nothing between two entries', async () => {
    await forgeRaw(async function* () {
      for (let count = 0; count < 1024; count += 1) yield Buffer.alloc(1_048_576);
    });
    expect((await stat(archive)).size).toBeLessThan(2_000_000);
    await expect(restore()).rejects.toMatchObject({ code: 'ARCHIVE_TOO_LARGE' });
    expect(await readdir(data)).toEqual([]);
  });

  // Small disks are for root to make.
  (hasNamespaces ? it : it.skip)('one that is larger than the disk once it is unpacked', async () => {
    await forgeArchive(archive, [{ name: 'workspaces/x/zeros', content: '\0'.repeat(100_000_000) }]);
    expect((await stat(archive)).size).toBeLessThan(200_000);
    expect(restoreOnSmallDisk('size=30m')).toContain('ARCHIVE_TOO_LARGE');
  });

  (hasNamespaces ? it : it.skip)('one with more empty files than the disk has places for', async () => {
    const files = Array.from({ length: 5000 }, (_, number) => ({ name: `workspaces/x/${number}` }));
    await forgeArchive(archive, files);
    expect(restoreOnSmallDisk('size=100m,nr_inodes=2000')).toContain('ARCHIVE_TOO_LARGE');
    expect(restoreOnSmallDisk('size=10m')).toContain('ARCHIVE_TOO_LARGE');
  });

  /** What the command says; it leaves nothing but the lock. */
  function restoreOnSmallDisk(options: string): string {
    ensureBuilt();
    const command = `${process.execPath} dist/apps/cli/src/main.js backup restore ${archive} --yes`;
    const { stdout } = spawnSync(
      'unshare',
      ['-m', 'sh', '-c', `mount -t tmpfs -o ${options} none ${data} && ${command} 2>&1; ls -A ${data}`],
      {
        env: { PATH: process.env.PATH, HOME: process.env.HOME, DATA_DIR: data },
        encoding: 'utf8',
        timeout: 60_000,
      },
    );
    expect(stdout.trim().split('\n').at(-1)).toBe('.lock');
    return stdout;
  }
});
