import { chmod, chown, copyFile, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, jest } from '@jest/globals';
import { lookAtPersistence } from '../../../apps/api/src/storage/persistence-doctor.js';
import { loadSettings } from '../../../config/index.js';
import { RedisConnections } from '../../../libs/redis/src/index.js';
import {
  createTestDatabase,
  freePort,
  Program,
  startPostgres,
  startRedis,
  tempDataDir,
} from '../../support/index.js';
import { startTestServer } from '../http/test-server.js';
import { runBackup } from './backup-commands.js';
import { usedFolder } from './used-folder.js';

jest.setTimeout(120_000);

let data: string;
beforeEach(async () => {
  data = await usedFolder();
});

/** What is wrong, by its code: `fail MARKER_GONE`. */
async function wrong(env: Record<string, string> = {}): Promise<string[]> {
  const settings = loadSettings({
    DATA_DIR: data,
    STORAGE_WARN_FREE_MB: '2',
    STORAGE_MIN_FREE_MB: '1',
    ...env,
  });
  const redis = settings.redis ? new RedisConnections(settings.redis) : null;
  try {
    const { items, level } = await lookAtPersistence(settings, redis);
    for (const { level: one, remedy } of items) expect(remedy === null).toBe(one === 'ok');
    const unwell = items.filter((item) => item.level !== 'ok' && !OF_THIS_MACHINE.has(item.code));
    expect(unwell.length > 0).toBe(unwell.some((item) => item.level === level));
    return unwell.map((item) => `${item.level} ${item.code}`);
  } finally {
    await redis?.onApplicationShutdown();
  }
}

/** What these folders are short of on purpose, or the machine of the tests: persistence-mounts.spec.ts has those. */
const OF_THIS_MACHINE = new Set([
  'BACKUP_NONE',
  'APP_WRITABLE',
  'VOLUME_IN_CONTAINER_LAYER',
  'VOLUME_IN_MEMORY',
]);

it('the persistence doctor says nothing against a data folder that is well', async () => {
  expect(await wrong()).toEqual([]);
});

it('nor against one that no service was started on yet', async () => {
  data = await tempDataDir('new');
  expect(await wrong()).toEqual([]);
});

it('nor against one that was restored and not started yet', async () => {
  const made = await runBackup(['create'], { DATA_DIR: data });
  const [backupId = ''] = /\d{8}T\d{6}Z-[0-9a-f]{6}/.exec(made.output) ?? [];
  expect(await runBackup(['restore', backupId, '--yes'], { DATA_DIR: data })).toMatchObject({ code: 0 });
  expect(await wrong()).toEqual([]);
});

describe('the persistence doctor names', () => {
  it('a marker of the last start that is gone', async () => {
    await rm(join(data, '.marker.json'));
    expect(await wrong()).toEqual(['fail MARKER_GONE']);
  });

  it('a marker that cannot be read', async () => {
    await writeFile(join(data, '.marker.json'), '{"volume_id"');
    expect(await wrong()).toEqual(['warn MARKER_DAMAGED']);
  });

  it('a new data folder under the old database, also after the service was started on it', async () => {
    const before = data;
    data = await tempDataDir('swapped');
    await mkdir(join(data, 'db'));
    await copyFile(join(before, 'db', 'machine.db'), join(data, 'db', 'machine.db'));
    expect(await wrong()).toEqual(['fail MARKER_GONE']);
    await (await startTestServer({ DATA_DIR: data })).close();
    expect(await wrong()).toEqual(['fail DATA_FOLDER_REPLACED']);
    await (await startTestServer({ DATA_DIR: data })).close();
    expect(await wrong()).toEqual(['warn DATA_FOLDER_REPLACED']);
  });

  it('a new database under the old data folder, also after the service was started on it', async () => {
    await age(data, 3_600_000);
    await (
      await startTestServer({ DATA_DIR: data, DATABASE_URL: `sqlite:///${join(data, 'other.db')}` })
    ).close();
    expect(await wrong({ DATABASE_URL: `sqlite:///${join(data, 'other.db')}` })).toEqual([
      'fail DATABASE_REPLACED',
    ]);
    const strange = await tempDataDir('strange');
    await (await startTestServer({ DATA_DIR: strange })).close();
    expect(await wrong({ DATABASE_URL: `sqlite:///${join(strange, 'db', 'machine.db')}` })).toEqual([
      'fail DATABASE_REPLACED',
    ]);
  });

  it('a database that is not on the volume', async () => {
    // A file system in memory that every Linux has.
    const file = join('/dev/shm', `${Date.now()}-not-on-the-volume.db`);
    try {
      await copyFile(join(data, 'db', 'machine.db'), file);
      expect(await wrong({ DATABASE_URL: `sqlite:///${file}` })).toEqual(['fail DATABASE_NOT_ON_VOLUME']);
    } finally {
      // SQLite leaves its log and the index of that beside it, as the one who looks only reads.
      for (const name of [file, `${file}-wal`, `${file}-shm`]) await rm(name, { force: true });
    }
  });

  it('credentials that others can read', async () => {
    await chmod(join(data, 'credentials', 'master.key'), 0o644);
    expect(await wrong()).toEqual(['fail CREDENTIALS_READABLE']);
    await chmod(join(data, 'credentials', 'master.key'), 0o600);
    await chmod(join(data, 'credentials'), 0o755);
    expect(await wrong()).toEqual(['fail CREDENTIALS_READABLE']);
  });

  it('a data folder that everybody can write', async () => {
    await chmod(data, 0o777);
    expect(await wrong()).toEqual(['warn DATA_WORLD_WRITABLE']);
  });

  // Only root can give files away; `docker exec -u root` and a restored tar do it.
  (process.getuid?.() === 0 ? it : it.skip)('files of another user', async () => {
    await chown(join(data, 'db', 'machine.db'), 12345, 12345);
    expect(await wrong()).toEqual(['warn FOREIGN_OWNER']);
  });

  it('a master key that was lost, and one that is another', async () => {
    const file = join(data, 'credentials', 'master.key');
    await writeFile(file, Buffer.alloc(32, 7).toString('base64'));
    expect(await wrong()).toEqual(['fail MASTER_KEY_WRONG']);
    await rm(file);
    expect(await wrong()).toEqual(['fail MASTER_KEY_MISSING']);
  });

  it('a database with a damaged page, and a file that is none', async () => {
    const path = join(data, 'db', 'machine.db');
    const file = await open(path, 'r+');
    const { size } = await file.stat();
    for (let at = 4096; at < size; at += 4096) await file.write(Buffer.alloc(512, 0xff), 0, 512, at);
    await file.close();
    expect(await wrong()).toEqual(['fail DATABASE_DAMAGED']);
    await writeFile(path, 'no database '.repeat(1000));
    expect(await wrong()).toEqual(['fail DATABASE_DAMAGED']);
  });

  it('a clock that was set back', async () => {
    await age(data, -7_200_000);
    expect(await wrong()).toContain('warn CLOCK_WENT_BACK');
  });

  it('too little room', async () => {
    expect(await wrong({ STORAGE_WARN_FREE_MB: '900000000' })).toEqual(['warn SPACE_LOW']);
    expect(await wrong({ STORAGE_MIN_FREE_MB: '900000000' })).toEqual(['fail SPACE_FULL']);
  });

  it('a scheduled backup that failed', async () => {
    await mkdir(join(data, 'backups'), { mode: 0o700 });
    const failure = { at: '2026-01-01T00:00:00Z', problem: 'The storage is full.' };
    await writeFile(join(data, 'backups', 'last-failure.json'), JSON.stringify(failure));
    expect(await wrong()).toEqual(['fail BACKUP_FAILED']);
  });

  it('a Redis that keeps no file, one that throws keys away, and one that is away', async () => {
    const plain = await startRedis();
    const evicting = await startRedis({ appendOnly: true, args: ['--maxmemory-policy', 'allkeys-lru'] });
    const lazy = await startRedis({ appendOnly: true, args: ['--appendfsync', 'no'] });
    const good = await startRedis({ appendOnly: true });
    try {
      expect(await wrong({ REDIS_URL: plain.url })).toEqual(['warn REDIS_NO_AOF']);
      expect(await wrong({ REDIS_URL: evicting.url })).toEqual(['fail REDIS_EVICTS']);
      expect(await wrong({ REDIS_URL: lazy.url })).toEqual(['warn REDIS_AOF_NOT_FLUSHED']);
      expect(await wrong({ REDIS_URL: good.url })).toEqual([]);
    } finally {
      await Promise.all([plain, evicting, lazy, good].map((redis) => redis.stop()));
    }
    expect(await wrong({ REDIS_URL: `redis://127.0.0.1:${await freePort()}` })).toEqual([
      'fail REDIS_UNREACHABLE',
    ]);
  });

  it('a Postgres that does not write to its disk, and one that is away', async () => {
    // The shared one of the tests is set up like that; nothing was started on it, so it does not know the folder.
    const careless = await createTestDatabase();
    expect(await wrong({ DATABASE_URL: careless.url })).toEqual(['fail POSTGRES_FSYNC_OFF']);
    expect(await wrong({ DATABASE_URL: `postgres://x:y@127.0.0.1:${await freePort()}/z` })).toEqual([
      'fail DATABASE_UNREACHABLE',
    ]);
    const early = await startPostgres({ durable: true, settings: { synchronous_commit: 'off' } });
    try {
      expect(await wrong({ DATABASE_URL: early.url })).toEqual(['fail POSTGRES_SYNCHRONOUS_COMMIT_OFF']);
    } finally {
      await early.stop();
    }
  });
});

it('`claude-agent doctor` shows the same lines, with what to do, and ends with 1 when one fails', async () => {
  await rm(join(data, '.marker.json'));
  const command = Program.spawn(['dist/apps/cli/src/main.js', 'doctor'], {
    DATA_DIR: data,
    CLAUDE_AGENT_URL: `http://127.0.0.1:${await freePort()}`,
  });
  expect(await command.finished()).toBe(1);
  expect(command.log).toMatch(/^fail +marker +MARKER_GONE: .*Mount the right volume/m);
  expect(command.log).toMatch(/^ok +database +SQLite is whole/m);
});

describe('over HTTP', () => {
  it('operators are told, viewers are not', async () => {
    const server = await startTestServer();
    try {
      const { key } = await server.makeKey('viewer');
      expect((await server.call('/api/storage/persistence', { key })).status).toBe(403);
      const { key: operator } = await server.makeKey('operator');
      const { status, body } = await server.call('/api/storage/persistence', { key: operator });
      expect(status).toBe(200);
      expect(body.items.map(({ check }: { check: string }) => check)).toEqual(
        expect.arrayContaining([
          'volume',
          'writable',
          'fsync',
          'marker',
          'program',
          'owner',
          'modes',
          'database',
          'clock',
          'backups',
        ]),
      );
      expect(JSON.stringify(body)).not.toContain('sk-ant');
    } finally {
      await server.close();
    }
  });
});

/** Makes the marker so much older. */
async function age(folder: string, byMs: number): Promise<void> {
  const file = join(folder, '.marker.json');
  const marker = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
  const earlier = (instant = ''): string => new Date(Date.parse(instant) - byMs).toISOString();
  const { first_start, last_start } = marker;
  await writeFile(
    file,
    JSON.stringify({ ...marker, first_start: earlier(first_start), last_start: earlier(last_start) }),
  );
}
