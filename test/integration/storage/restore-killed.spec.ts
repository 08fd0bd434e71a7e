import { cpSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { loadSettings } from '@app/config';
import { enterDataFolder } from '@app/storage';
import pg from 'pg';
import sqlite3 from 'sqlite3';
import { Program, SCRIPTED_SERVICE, Service, SET_UPS, tempDataDir } from '../../support/index.js';
import { runBackup } from './backup-commands.js';

jest.setTimeout(300_000);

/** Where the restore is killed, and what the next start makes of it. */
const STEPS: [step: string, end: 'old' | 'new'][] = [
  ['unpacking', 'old'],
  ['unpacked', 'old'],
  ['ready', 'old'],
  ['committed', 'new'],
  ['moved 1', 'new'],
  ['moved 3', 'new'],
  ['marker gone', 'new'],
  ['journal gone', 'new'],
];

describe.each(SET_UPS)('a restore that is killed: $name', ({ name, environment }) => {
  const isSqlite = name.startsWith('SQLite');
  let env: Record<string, string>;
  let archive: string;
  let origin: string;

  beforeAll(async () => {
    env = await environment();
    const service = await Service.start(env, { program: SCRIPTED_SERVICE });
    origin = service.dataDir;
    const { task_id: taskId } = await service.submit({ prompt: 'ok:3' });
    await service.finished(taskId);
    await mkdir(join(origin, 'config', 'agents', 'restored'), { recursive: true });
    await writeFile(join(origin, 'config', 'agents', 'restored', 'CLAUDE.md'), 'from the backup');
    await service.end();
    const made = await runBackup(['create', '--output', join(origin, '..', `${Date.now()}.tar.gz`)], {
      ...env,
      DATA_DIR: origin,
    });
    archive = made.output.trim().split('\n').at(-1) ?? '';
  });

  /** A folder and a database that differ from the backup: no task, another agent. */
  async function liveData(): Promise<Record<string, string>> {
    const dataDir = await tempDataDir('live');
    cpSync(origin, dataDir, { recursive: true, preserveTimestamps: true });
    const target = { ...env, DATA_DIR: dataDir };
    await execute(target, "UPDATE tasks SET prompt = 'later'");
    await mkdir(join(dataDir, 'config', 'agents', 'later'), { recursive: true });
    await writeFile(join(dataDir, 'config', 'agents', 'restored', 'CLAUDE.md'), 'later');
    await writeFile(join(dataDir, 'later.txt'), 'later');
    return target;
  }

  const cases = STEPS.concat([['journal written', isSqlite ? 'new' : 'old']]);
  it.each(cases)('at "%s" leaves the %s whole', async (step, end) => {
    const target = await liveData();
    const killed = Program.spawn(['dist/test/integration/storage/restore-until.js', archive, step], target);
    await killed.finished();
    expect(killed.log).toContain(`at ${step}`);
    expect(killed.child.signalCode).toBe('SIGKILL');

    const settings = loadSettings(target);
    await (await enterDataFolder(settings)).release();
    const seen = {
      prompts: await execute(target, 'SELECT prompt FROM tasks'),
      agent: readFileSync(join(settings.dataDir, 'config', 'agents', 'restored', 'CLAUDE.md'), 'utf8'),
      top: readdirSync(settings.dataDir).filter((found) => found === 'later.txt' || found === '.restore'),
      key: statSync(join(settings.dataDir, 'credentials', 'master.key')).size > 0,
    };
    expect(seen).toEqual(
      end === 'old'
        ? { prompts: [{ prompt: 'later' }], agent: 'later', top: ['later.txt'], key: true }
        : { prompts: [{ prompt: 'ok:3' }], agent: 'from the backup', top: [], key: true },
    );
  });

  it('can be repeated, and the service starts on what it left', async () => {
    const target = await liveData();
    expect((await runBackup(['restore', archive, '--yes'], target)).code).toBe(0);
    const service = await Service.start(target, { program: SCRIPTED_SERVICE });
    const { body } = await service.call('GET', '/api/tasks');
    await service.end();
    expect(body).toMatchObject({ items: [{ prompt: 'ok:3' }] });
  });
});

async function execute(target: Record<string, string>, sql: string): Promise<unknown> {
  if (target.DATABASE_URL) {
    const client = new pg.Client({ connectionString: target.DATABASE_URL });
    await client.connect();
    const { rows } = await client.query(sql).finally(() => client.end());
    return rows;
  }
  const database = new sqlite3.Database(join(target.DATA_DIR ?? '', 'db', 'machine.db'));
  return new Promise((resolve, reject) => {
    database.all(sql, (error, rows) => database.close(() => (error ? reject(error) : resolve(rows))));
  });
}
