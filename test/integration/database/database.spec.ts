import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken } from '@nestjs/typeorm';
import { type DataSource, type EntityManager } from 'typeorm';
import { loadSettings } from '@app/config';
import { Database, DatabaseModule, insertOf, isUniqueViolation } from '@app/database';
import { ApiKeyEntity } from '../../../libs/auth/src/api-key.entity.js';
import { OutboxEntity } from '@app/queue';
import { SessionConnectionEntity, SessionEntity } from '@app/sessions';
import { MetricEntity, TaskEntity, TaskLogEntity } from '@app/tasks';
import { WorkerEntity } from '../../../libs/workers/src/worker.entity.js';
import { SET_UPS, tempDataDir } from '../../support/index.js';

const ENTITIES = [
  ApiKeyEntity,
  MetricEntity,
  OutboxEntity,
  SessionConnectionEntity,
  SessionEntity,
  TaskEntity,
  TaskLogEntity,
  WorkerEntity,
];

describe.each(SET_UPS)('the database: $name', ({ environment }) => {
  let module: TestingModule;
  let database: Database;
  let dataSource: DataSource;

  beforeAll(async () => {
    const dataDir = await tempDataDir();
    const settings = loadSettings({ ...(await environment()), DATA_DIR: join(dataDir, 'data') });
    module = await Test.createTestingModule({
      imports: [DatabaseModule.for(settings), ...DatabaseModule.entities(...ENTITIES)],
    }).compile();
    database = module.get(Database);
    dataSource = module.get<DataSource>(getDataSourceToken());
  });
  afterAll(() => module.close());

  it('has for each entity the columns it names, and no others', async () => {
    const runner = dataSource.createQueryRunner();
    for (const { tableName, columns } of dataSource.entityMetadatas) {
      const table = await runner.getTable(tableName);
      const inDatabase = table?.columns.map(({ name, isNullable }) => `${name} ${isNullable}`).sort();
      expect(inDatabase).toEqual(
        columns.map(({ databaseName, isNullable }) => `${databaseName} ${isNullable}`).sort(),
      );
    }
    await runner.release();
  });

  it("takes the founding document's hand-made row", async () => {
    await database.write((manager) =>
      manager.query("INSERT INTO tasks (task_id, status) VALUES ('test-123', 'COMPLETED')"),
    );
    const row = await database.read.findOneByOrFail(TaskEntity, { task_id: 'test-123' });
    expect(row).toMatchObject({ status: 'COMPLETED', prompt: null, generation: 1 });
    expect(row.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
  });

  it('refuses a status that does not exist', async () => {
    const insert = (manager: EntityManager) =>
      manager.query("INSERT INTO tasks (task_id, status) VALUES ('test-9', 'DONE')");
    await expect(database.write(insert)).rejects.toThrow();
  });

  it('inserts into several tables all or nothing, and goes on afterwards', async () => {
    const session = (id: string) => insertOf('sessions', { session_id: 'text' }, [{ session_id: id }]);
    const task = (id: string) =>
      insertOf('tasks', { task_id: 'text', priority: 'integer' }, [{ task_id: id, priority: 3 }]);
    const none = insertOf('outbox', { outbox_id: 'text' }, []);
    await database.insert(session('together'), none, task('together'));
    const refusal = (error: unknown) => isUniqueViolation(error);
    expect(await database.insert(session('alone'), task('together')).catch(refusal)).toBe(true);
    expect(await database.insert(task('alone'), session('together')).catch(refusal)).toBe(true);
    await database.insert(none);
    await database.insert(session('next'), task('next'));
    const of = (rows: { session_id: string | null }[]) => rows.map(({ session_id }) => session_id).sort();
    expect(of(await database.read.find(SessionEntity))).toEqual(['next', 'together']);
    const tasks = await database.read.find(TaskEntity, { where: { priority: 3 } });
    expect(tasks.map(({ task_id }) => task_id).sort()).toEqual(['next', 'together']);
  });

  it('keeps concurrent transactions apart: each is stored whole or not at all', async () => {
    const work = Array.from({ length: 40 }, (_, index) =>
      database.write(async (manager) => {
        for (const part of ['a', 'b']) {
          await manager.query(
            `INSERT INTO outbox (outbox_id, task_id, generation) VALUES ('${index}${part}', 't', 1)`,
          );
        }
        if (index % 4 === 0) throw new Error('on purpose');
      }),
    );
    const results = await Promise.allSettled(work);
    expect(results.filter(({ status }) => status === 'rejected')).toHaveLength(10);
    expect(await database.read.countBy(OutboxEntity, { task_id: 't' })).toBe(60);
  });

  it('commits what waits together, and takes back only what failed', async () => {
    const insert = (id: string) => (manager: EntityManager) =>
      manager.query(`INSERT INTO outbox (outbox_id, task_id, generation) VALUES ('${id}', 'group', 1)`);
    const results = await Promise.allSettled(
      ['g1', 'g2', 'g1', 'g3'].map((id) => database.write(insert(id))),
    );
    const refused = results.filter((result) => result.status === 'rejected');
    expect(refused.map(({ reason }) => isUniqueViolation(reason))).toEqual([true]);
    expect(await database.read.countBy(OutboxEntity, { task_id: 'group' })).toBe(3);
  });

  it('tells the time by its own clock, as ISO text', async () => {
    const [row] = await database.read.query<[{ now: string; later: string }]>(
      `SELECT ${database.instant()} AS now, ${database.instant(60)} AS later`,
    );
    expect(Math.abs(Date.parse(row.now) - Date.now())).toBeLessThan(5000);
    expect(Date.parse(row.later) - Date.parse(row.now)).toBeGreaterThan(59_000);
  });

  it('takes an existing database to the indexes of today, with what is in it', async () => {
    const applied = async (): Promise<string[]> =>
      (await dataSource.query<{ name: string }[]>('SELECT name FROM migrations ORDER BY id')).map(
        ({ name }) => name,
      );
    const insert = (id: string) => (manager: EntityManager) =>
      manager.query(
        `INSERT INTO tasks (task_id, status, agent, idempotency_key) VALUES ('${id}', 'QUEUED', 'old', 'key')`,
      );
    const today = await applied();
    while ((await applied()).some((name) => name.startsWith('TaskIndexes')))
      await dataSource.undoLastMigration();
    await database.write(insert('before'));
    await dataSource.runMigrations();
    expect(await applied()).toEqual(today);
    expect(await database.read.findOneByOrFail(TaskEntity, { agent: 'old' })).toMatchObject({
      task_id: 'before',
    });
    const again = await database.write(insert('after')).catch((error: unknown) => error);
    expect(isUniqueViolation(again)).toBe(true);
  });
});
