import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdir, open, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sqlite3 from 'sqlite3';
import { Service } from '../test/support/service.js';
import type { Figure, Measurement } from './figure.js';
import { withFolder } from './surroundings.js';

const SIZES_MB = [200, 1000];
const TARGET_MB = 300;
const MB = 1024 * 1024;
const LOOK_EVERY_MS = 20;

/** The memory of a backup must not depend on what there is to back up: the same steps for a small and a large folder. */
export async function backupMemory(): Promise<Measurement> {
  const figures: Figure[] = [];
  for (const size of SIZES_MB) {
    await withFolder(async (root) => {
      const dataDir = join(root, 'data');
      await fill(dataDir, size);
      const step = async (name: string, args: string[], into = dataDir): Promise<void> => {
        const peak = await peakOf(['backup', ...args], into);
        figures.push({
          name: `backup ${name}, ${size} MB of data: peak memory`,
          unit: 'MB',
          measured: peak.mb,
          target: TARGET_MB,
        });
        figures.push({
          name: `backup ${name}, ${size} MB of data`,
          unit: 'ms',
          measured: peak.ms,
          target: null,
        });
      };
      await step('create', ['create']);
      const [archive = ''] = (await readdir(join(dataDir, 'backups'))).filter((name) =>
        name.endsWith('.tar.gz'),
      );
      await step('verify', ['verify', archive.replace('.tar.gz', '')]);
      await step('restore', ['restore', join(dataDir, 'backups', archive), '--yes'], dataDir);
    });
  }
  return { figures, raw: {} };
}

/** Three fifths one large file, one fifth small files, one fifth the database. */
async function fill(dataDir: string, sizeMb: number): Promise<void> {
  await mkdir(dataDir);
  const service = await Service.start({ DATA_DIR: dataDir, ANTHROPIC_API_KEY: 'sk-ant-api03-bench' });
  await service.end();
  const workspace = join(dataDir, 'workspaces', 'large');
  await mkdir(join(workspace, 'small'), { recursive: true });
  const file = await open(join(workspace, 'file.bin'), 'w');
  for (let mb = 0; mb < sizeMb * 0.6; mb += 1) await file.write(randomBytes(MB));
  await file.close();
  for (let n = 0; n < sizeMb * 2; n += 1)
    await writeFile(join(workspace, 'small', `${n}.bin`), randomBytes(MB / 10));
  await fillDatabase(join(dataDir, 'db', 'machine.db'), sizeMb * 0.2);
}

/** Events of 8 kB, as the output of tools makes them. */
async function fillDatabase(path: string, sizeMb: number): Promise<void> {
  const database = new sqlite3.Database(path);
  await new Promise<void>((resolve, reject) =>
    database.exec(
      `INSERT INTO tasks (task_id, status, prompt, last_seq) VALUES ('large', 'COMPLETED', 'x', ${sizeMb * 128});
       WITH RECURSIVE n (seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < ${sizeMb * 128})
       INSERT INTO task_logs (task_id, seq, at, type, data, fence)
       SELECT 'large', seq, '2026-01-01T00:00:00.000Z', 'task.output', '{"text":"' || hex(randomblob(4000)) || '"}', 0 FROM n`,
      (error) => (error ? reject(error) : resolve()),
    ),
  );
  await new Promise((resolve) => database.close(resolve));
}

/** The most that the process held, as the kernel counts it. */
async function peakOf(args: string[], dataDir: string): Promise<{ mb: number; ms: number }> {
  const { PATH, HOME } = process.env;
  const begin = performance.now();
  const child = spawn(process.execPath, ['dist/apps/cli/src/main.js', ...args], {
    env: { ...(PATH ? { PATH } : {}), ...(HOME ? { HOME } : {}), DATA_DIR: dataDir },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let kilobytes = 0;
  const look = async (): Promise<void> => {
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    kilobytes = Math.max(kilobytes, Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0));
  };
  const looking = setInterval(() => void look(), LOOK_EVERY_MS);
  const code = await new Promise((resolve) => child.once('exit', resolve));
  clearInterval(looking);
  if (code !== 0) throw new Error(`claude-agent ${args.join(' ')} ended with ${String(code)}`);
  return { mb: kilobytes / 1024, ms: performance.now() - begin };
}
