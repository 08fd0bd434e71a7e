import { readFileSync } from 'node:fs';
import { mkdir, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { Program, waitFor } from '../../support/index.js';
import { startTestServer, type TestServer } from '../http/test-server.js';
import { runBackup } from './backup-commands.js';
import { usedFolder } from './used-folder.js';

jest.setTimeout(240_000);

describe('readiness', () => {
  async function check(server: TestServer): Promise<{ ok: boolean; warning?: string } | null> {
    const key = readFileSync(join(server.dataDir, 'credentials', 'admin.key'), 'utf8').trim();
    const { body } = await server.call('/api/health/ready', { key });
    const checks = (body.checks ?? []) as { name: string; ok: boolean; warning?: string }[];
    return checks.find(({ name }) => name === 'backups') ?? null;
  }

  it('warns of a scheduled backup that failed, until one succeeds, and stays ready', async () => {
    const data = await usedFolder();
    expect((await runBackup(['create'], { DATA_DIR: data })).code).toBe(0);
    const failure = { at: '2026-01-22T10:00:00.000Z', problem: 'The storage is full.' };
    await writeFile(join(data, 'backups', 'last-failure.json'), JSON.stringify(failure));
    const server = await startTestServer({ DATA_DIR: data, BACKUP_EVERY_HOURS: '1000' });
    try {
      expect(await check(server)).toMatchObject({
        ok: true,
        warning: 'The scheduled backup of 2026-01-22T10:00:00.000Z failed: The storage is full.',
      });
      const key = readFileSync(join(data, 'credentials', 'admin.key'), 'utf8').trim();
      expect((await server.call('/api/storage/backups', { method: 'POST', key })).status).toBe(202);
      await waitFor(async () => (await check(server))?.warning === undefined, {
        timeoutMs: 60_000,
        what: 'a backup that succeeds',
      });
    } finally {
      await server.close();
    }
  });

  it('warns where backups cannot even be looked at', async () => {
    const data = await usedFolder();
    await rm(join(data, 'backups'), { recursive: true, force: true });
    await writeFile(join(data, 'backups'), 'a file in the way');
    const server = await startTestServer({ DATA_DIR: data, BACKUP_EVERY_HOURS: '1' });
    try {
      expect(await check(server)).toMatchObject({ ok: true, warning: expect.stringContaining('ENOTDIR') });
    } finally {
      await server.close();
    }
  });
});

const onLinux = process.platform === 'linux' ? it : it.skip;

onLinux('a backup of a gigabyte takes little more memory than one of a kilobyte', async () => {
  const data = await usedFolder();
  const file = join(data, 'workspaces', 'large', 'file');
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, 'x');
  const small = await peakOf(data);
  await truncate(file, 1_000_000_000);
  const large = await peakOf(data);
  expect(large.log).toMatch(/kB, SHA-256|MB, SHA-256/);
  expect(large.peakKb - small.peakKb).toBeLessThan(100_000);
});

/** Makes a backup. Returns the most memory it had, as the kernel counted it. */
async function peakOf(data: string): Promise<{ peakKb: number; log: string }> {
  const backup = Program.spawn(['dist/apps/cli/src/main.js', 'backup', 'create'], { DATA_DIR: data });
  const { pid } = backup;
  let peakKb = 0;
  await waitFor(
    () => {
      if (backup.ended) return true;
      peakKb = Math.max(peakKb, peakIn(`/proc/${pid}/status`));
      return false;
    },
    { timeoutMs: 180_000, what: 'the backup' },
  );
  expect(backup.child.exitCode).toBe(0);
  return { peakKb, log: backup.log };
}

function peakIn(file: string): number {
  try {
    return Number(/^VmHWM:\s+(\d+)/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  } catch {
    // It ended in this moment.
    return 0;
  }
}
