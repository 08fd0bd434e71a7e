import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import { PREPARED_SQLITE } from '../../../libs/database/src/prepared-sqlite.js';
import { tempDataDir } from '../../support/index.js';

describe('the connection that keeps its statements', () => {
  let dataSource: DataSource;

  beforeEach(async () => {
    const database = join(await tempDataDir(), 'kept.db');
    const options = { type: 'sqlite', driver: PREPARED_SQLITE, database, enableWAL: true } as const;
    dataSource = await new DataSource(options).initialize();
    await dataSource.query('CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT)');
  });
  afterEach(() => (dataSource.isInitialized ? dataSource.destroy() : undefined));

  const insert = (id: number) =>
    dataSource.query('INSERT INTO things (id, name) VALUES (?, ?)', [id, `n${id}`]);
  const all = () => dataSource.query<unknown[]>('SELECT * FROM things ORDER BY id');

  it('gives each use of a statement its own parameters and its own answer', async () => {
    expect(await Promise.all([1, 2, 3].map(insert))).toEqual([1, 2, 3]);
    expect(await all()).toHaveLength(3);
  });

  it('goes on with a statement that was refused once', async () => {
    await insert(1);
    await expect(insert(1)).rejects.toMatchObject({ code: 'SQLITE_CONSTRAINT' });
    await insert(2);
    expect(await all()).toHaveLength(2);
  });

  it('refuses what cannot be prepared, each time and to all who ask together', async () => {
    const ask = () => dataSource.query('SELECT * FROM later');
    const results = await Promise.allSettled([ask(), ask()]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await dataSource.query('CREATE TABLE later (id INTEGER)');
    expect(await ask()).toEqual([]);
  });

  it('prints no warning when very many ask for the same at once', () => {
    // A process of its own: what Node warns of in this one, Jest does not let through.
    const program = `
      import { PREPARED_SQLITE } from './libs/database/src/prepared-sqlite.ts';
      const database = new PREPARED_SQLITE.Database(':memory:');
      database.exec('CREATE TABLE things (id INTEGER)', () => {
        for (let n = 1; n <= 30; n += 1) database.run('INSERT INTO things (id) VALUES (?)', n, console.log);
      });`;
    const args = ['--import', './scripts/typescript.mjs', '--input-type=module', '--eval', program];
    const { stdout, stderr } = spawnSync(process.execPath, args, { env: {}, encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(stdout).toBe('null\n'.repeat(30));
  });

  it('sees columns that come later', async () => {
    await insert(1);
    await all();
    await dataSource.query("ALTER TABLE things ADD COLUMN colour TEXT DEFAULT 'red'");
    expect(await all()).toEqual([{ id: 1, name: 'n1', colour: 'red' }]);
  });

  it('forgets the oldest of very many, and closes with the others open', async () => {
    for (let n = 0; n < 400; n += 1) await dataSource.query(`SELECT ${n} AS n`);
    expect(await dataSource.query('SELECT 0 AS n')).toEqual([{ n: 0 }]);
    await dataSource.destroy();
  });
});
