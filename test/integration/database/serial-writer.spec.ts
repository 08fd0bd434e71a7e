import { AsyncLocalStorage } from 'node:async_hooks';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource, type EntityManager } from 'typeorm';
import { NestingGuard } from '../../../libs/database/src/nesting-guard.js';
import { SerialWriter } from '../../../libs/database/src/serial-writer.js';
import { tempDataDir } from '../../support/index.js';

interface Connection {
  exec(script: string, done: (error: Error | null) => void): void;
}

const insert = (id: number) => (manager: EntityManager) =>
  manager.query('INSERT INTO numbers (id) VALUES (?)', [id]);

describe('the writer of SQLite', () => {
  let dataSource: DataSource;
  let writer: SerialWriter;
  /** Those that SQLite has done. It also traces what it is told, but delivers that when it likes. */
  let commits: number;

  beforeEach(async () => {
    const database = join(await tempDataDir(), 'numbers.db');
    dataSource = await new DataSource({ type: 'sqlite', database, enableWAL: true }).initialize();
    await dataSource.query('CREATE TABLE numbers (id INTEGER PRIMARY KEY, twin INTEGER UNIQUE)');
    // However slow the machine is, it is not the clock that ends a group here.
    writer = new SerialWriter(dataSource, new NestingGuard(), { works: 10, ms: 60_000 });
    commits = 0;
    const runner = dataSource.createQueryRunner();
    const connection: Connection = await runner.connect();
    const exec = connection.exec.bind(connection);
    connection.exec = (script, done) =>
      exec(script, (error) => {
        if (!error && script.endsWith('COMMIT')) commits += 1;
        done(error);
      });
    await runner.release();
  });
  afterEach(() => dataSource.destroy());

  const stored = async (): Promise<number[]> =>
    (await dataSource.query<{ id: number }[]>('SELECT id FROM numbers ORDER BY rowid')).map(({ id }) => id);

  it('commits works that wait together once, in the order they came', async () => {
    const order: number[] = [];
    await Promise.all([1, 2, 3, 4].map((id) => writer.run(insert(id)).then(() => order.push(id))));
    expect(await stored()).toEqual([1, 2, 3, 4]);
    expect(order).toEqual([1, 2, 3, 4]);
    expect(commits).toBe(1);
  });

  it('answers nobody before the commit', async () => {
    const works = [1, 2].map((id) => writer.run(insert(id)));
    await works[0];
    expect(commits).toBe(1);
    await works[1];
  });

  it('tells a work that it collided once the other one can be read', async () => {
    const reader = await new DataSource({
      type: 'sqlite',
      database: String(dataSource.options.database),
      name: 'reader',
    }).initialize();
    const winner = writer.run(insert(7));
    const seen = await writer.run(insert(7)).catch(() => reader.query('SELECT id FROM numbers'));
    await winner;
    await reader.destroy();
    expect(seen).toEqual([{ id: 7 }]);
  });

  it('takes back a work that throws, also what it did before, and keeps its neighbours', async () => {
    const failing = writer.run(async (manager) => {
      await insert(10)(manager);
      throw new Error('on purpose');
    });
    const results = await Promise.allSettled([writer.run(insert(1)), failing, writer.run(insert(2))]);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await stored()).toEqual([1, 2]);
  });

  it('fails all of a group when its commit fails, and goes on with the next', async () => {
    await dataSource.query('PRAGMA foreign_keys = ON');
    await dataSource.query(
      'CREATE TABLE children (parent INTEGER REFERENCES numbers (id) DEFERRABLE INITIALLY DEFERRED)',
    );
    const orphan = (manager: EntityManager) => manager.query('INSERT INTO children (parent) VALUES (99)');
    const results = await Promise.allSettled([writer.run(insert(1)), writer.run(orphan)]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await writer.run(insert(2));
    expect(await stored()).toEqual([2]);
  });

  it('refuses a write inside a write, which would wait for itself', async () => {
    const nested = writer.run(() => writer.run(insert(1)));
    await expect(nested).rejects.toThrow('pass the manager on instead');
    await writer.run(insert(2));
    expect(await stored()).toEqual([2]);
  });

  it('lets what a work set off write once the work is over', async () => {
    let later: Promise<unknown> = Promise.resolve();
    let goOn = (): void => undefined;
    const over = new Promise<void>((resolve) => (goOn = resolve));
    await writer.run((manager) => {
      later = over.then(() => writer.run(insert(2)));
      return insert(1)(manager);
    });
    goOn();
    await later;
    expect(await stored()).toEqual([1, 2]);
  });

  it('does each work in the async context of its caller', async () => {
    const context = new AsyncLocalStorage<number>();
    const seen: (number | undefined)[] = [];
    const look = async () => void seen.push(context.getStore());
    await Promise.all([1, 2].map((id) => context.run(id, () => writer.run(look))));
    expect(seen).toEqual([1, 2]);
  });
});
