import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { cp, mkdir, readFile, readlink, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, jest } from '@jest/globals';
import { SCRIPTED_SERVICE, Service, tempDataDir, waitFor, type SetUp } from '../../support/index.js';
import { onBothSetUps } from '../../support/on-both-set-ups.js';
import { runBackup } from './backup-commands.js';

jest.setTimeout(180_000);

const CANARY = 'sk-ant-api03-canary-of-the-backup-0123456789abcdefghijklmnopqrstuvwxyz';

/** A service with a credential and a workspace, whose backup the cases make and use. */
class Bench {
  backupId = '';
  tasks: string[] = [];

  private constructor(
    readonly service: Service,
    readonly env: Record<string, string>,
    /** The same with another database and another queue, both empty. */
    readonly emptyEnv: Record<string, string>,
  ) {}

  static async open({ environment }: SetUp): Promise<Bench> {
    const env = await environment();
    const service = await Service.start(env, { program: SCRIPTED_SERVICE });
    await service.call('POST', '/api/credentials', { api_key: CANARY });
    const place = join(service.dataDir, 'workspaces', 's1');
    await mkdir(join(place, 'bin'), { recursive: true });
    await writeFile(join(place, 'tool.sh'), '#!/bin/sh\n', { mode: 0o755 });
    await symlink('../tool.sh', join(place, 'bin', 'tool'));
    await symlink('/etc/passwd', join(place, 'out'));
    await writeFile(join(place, 'Foo'), 'upper');
    await writeFile(join(place, 'foo'), 'lower');
    return new Bench(service, env, await environment());
  }
}

onBothSetUps<Bench>('a backup under load', {
  open: (setUp) => Bench.open(setUp),
  close: async ({ service }) => void (await service.end()),
  cases: {
    'is made while twenty tasks run': async (bench) => {
      const { service } = bench;
      const submitted = await Promise.all(
        Array.from({ length: 20 }, () => service.submit({ prompt: 'slow:40@20', max_attempts: 3 })),
      );
      bench.tasks = submitted.map(({ task_id: id }) => id);
      await service.taskIn(bench.tasks[0] ?? '', ['RUNNING']);
      const { status, body, headers } = await service.call('POST', '/api/storage/backups');
      expect(status).toBe(202);
      expect(body).toMatchObject({ status: 'running' });
      bench.backupId = (body as { backup_id: string }).backup_id;
      expect(headers.get('location')).toBe(`/api/storage/backups/${bench.backupId}`);
      const made = await waitFor(
        async () => {
          const { body: seen } = await service.call('GET', `/api/storage/backups/${bench.backupId}`);
          expect(seen).not.toMatchObject({ status: 'failed' });
          return (seen as { status: string }).status === 'complete' ? seen : null;
        },
        { timeoutMs: 60_000, what: 'the backup to be made' },
      );
      expect(made).toMatchObject({ contents: { tables: { tasks: 20 }, incomplete: 0 }, problem: null });
      const running = (await service.call('GET', '/api/tasks?status=RUNNING&limit=200')).body as {
        items: [];
      };
      expect(running.items.length).toBeGreaterThan(0);
    },

    'is verified by its digests': async (bench) => {
      const { service } = bench;
      expect((await service.call('POST', `/api/storage/backups/${bench.backupId}/verify`)).status).toBe(202);
      await waitFor(
        async () => {
          const { body } = await service.call('GET', `/api/storage/backups/${bench.backupId}`);
          return (body as { verified: { problem: string | null } | null }).verified?.problem === null;
        },
        { timeoutMs: 30_000, what: 'the verification' },
      );
    },

    'is verified on the command line too, and the list tells what became of it': async (bench) => {
      const { service } = bench;
      const target = { ...bench.env, DATA_DIR: await tempDataDir('copied') };
      const folder = join(target.DATA_DIR, 'backups');
      await cp(join(service.dataDir, 'backups'), folder, { recursive: true });
      const archive = join(folder, `${bench.backupId}.tar.gz`);
      await writeFile(archive, (await readFile(archive)).subarray(0, 4000));
      expect((await runBackup(['verify', bench.backupId], target)).code).toBe(1);
      expect((await runBackup(['list'], target)).output).toContain('It is damaged or cut off');
      await cp(join(service.dataDir, 'backups', `${bench.backupId}.tar.gz`), archive);
      expect((await runBackup(['verify', bench.backupId], target)).code).toBe(0);
      expect((await runBackup(['list'], target)).output).not.toContain('damaged');
    },

    'is downloaded, also in parts': async (bench) => {
      const { service } = bench;
      const path = `/api/storage/backups/${bench.backupId}/download`;
      const headers = { Authorization: `Bearer ${service.key}` };
      const whole = Buffer.from(await (await fetch(`${service.url}${path}`, { headers })).arrayBuffer());
      const { body } = await service.call('GET', `/api/storage/backups/${bench.backupId}`);
      expect(createHash('sha256').update(whole).digest('hex')).toBe((body as { sha256: string }).sha256);
      const part = await fetch(`${service.url}${path}`, { headers: { ...headers, Range: 'bytes=100-199' } });
      expect(part.status).toBe(206);
      expect(Buffer.from(await part.arrayBuffer()).equals(whole.subarray(100, 200))).toBe(true);
    },

    'passes its drill': async (bench) => {
      const { service } = bench;
      const { code, output } = await runBackup(['drill', bench.backupId], {
        ...bench.env,
        DATA_DIR: service.dataDir,
      });
      expect(output).toContain('tasks agree with their events');
      expect(code).toBe(0);
    },

    'is not restored while the service runs': async (bench) => {
      const { service } = bench;
      const { code, output } = await runBackup(['restore', bench.backupId, '--yes'], {
        ...bench.env,
        DATA_DIR: service.dataDir,
      });
      expect(output).toContain('DATA_IN_USE');
      expect(code).toBe(1);
      expect((await service.call('GET', '/api/tasks')).status).toBe(200);
    },

    'is refused by another master key, and restored beside the right one': async (bench) => {
      const { service } = bench;
      await Promise.all(bench.tasks.map((id) => service.finished(id, 60_000)));
      const dataDir = await tempDataDir('restored');
      const target = { ...bench.emptyEnv, DATA_DIR: dataDir };
      const archive = join(service.dataDir, 'backups', `${bench.backupId}.tar.gz`);
      const refused = await runBackup(['restore', archive, '--yes'], target);
      expect(refused.output).toContain('KEK_MISMATCH');
      await mkdir(join(dataDir, 'credentials'), { recursive: true, mode: 0o700 });
      await writeFile(join(dataDir, 'credentials', 'master.key'), Buffer.alloc(32, 7).toString('base64'));
      expect((await runBackup(['restore', archive, '--yes'], target)).output).toContain('KEK_MISMATCH');
      await cp(
        join(service.dataDir, 'credentials', 'master.key'),
        join(dataDir, 'credentials', 'master.key'),
      );
      const restored = await runBackup(['restore', archive, '--yes'], target);
      expect(restored.output).toContain(`Restored ${bench.backupId}`);
      expect(restored.output).toContain('1 symbolic links');
      expect(restored.code).toBe(0);

      const place = (...parts: string[]) => join(dataDir, 'workspaces', 's1', ...parts);
      expect(await readlink(place('bin', 'tool'))).toBe('../tool.sh');
      expect((await stat(place('tool.sh'))).mode & 0o777).toBe(0o755);
      expect(await readFile(place('Foo'), 'utf8')).toBe('upper');
      expect((await stat(join(dataDir, 'credentials'))).mode & 0o777).toBe(0o700);

      const second = await Service.start(target, { program: SCRIPTED_SERVICE });
      try {
        expect(second.key).toBe(service.key);
        const { body } = await second.call('GET', '/api/credentials');
        expect(body).toMatchObject({ items: [{ status: 'active' }] });
        // What was running at that moment is begun again, and each ends once.
        for (const id of bench.tasks) {
          expect(await second.finished(id, 90_000)).toMatchObject({ status: 'COMPLETED' });
          const events = await second.events(id);
          expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
          expect(events.filter(({ type }) => type === 'task.completed')).toHaveLength(1);
        }
      } finally {
        await second.end();
      }
    },

    'holds neither the master key nor a secret': async (bench) => {
      const { service } = bench;
      const scratch = await tempDataDir('plain');
      const archive = join(service.dataDir, 'backups', `${bench.backupId}.tar.gz`);
      expect(spawnSync('tar', ['xzf', archive, '-C', scratch]).status).toBe(0);
      expect(spawnSync('grep', ['-rlF', CANARY, scratch]).status).toBe(1);
      const key = (await readFile(join(service.dataDir, 'credentials', 'master.key'), 'utf8')).trim();
      expect(spawnSync('grep', ['-rlF', key, scratch]).status).toBe(1);
      const keyFiles = spawnSync('find', [scratch, '-name', 'master.key']);
      expect(String(keyFiles.stdout)).toBe('');
    },
  },
});
