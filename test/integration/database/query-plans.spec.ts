import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { getDataSourceToken } from '@nestjs/typeorm';
import { DataSource, type QueryRunner } from 'typeorm';
import { loadSettings } from '@app/config';
import { Database } from '@app/database';
import { TasksModule } from '@app/tasks';
import { fillTables, type Crowd } from '../../support/fill-tables.js';
import { SET_UPS, tempDataDir } from '../../support/index.js';
import { looksOf, type Look } from '../../support/task-looks.js';
import { overhear, planOf, PREFER_INDEXES, type Statement } from './query-plans.js';

/** Enough that a search for a text ends at its horizon. */
const CROWD: Crowd = {
  tasks: 5000,
  sessions: 20_000,
  queued: 300,
  parked: 30,
  running: 20,
  events: 10_000,
  outbox: 300,
};

/** The index that gives a list in its order, by what it is filtered by first. */
const LEADING = [
  [/ session_id = /, 'tasks_by_session'],
  [/ status = /, 'tasks_by_status'],
  [/ agent = /, 'tasks_by_agent'],
  [/ source = /, 'tasks_by_source'],
  [/FROM "?sessions/, 'sessions_newest'],
  [/FROM "?tasks/, 'tasks_newest'],
] as const;
const INDEXES = [...LEADING.map(([, index]) => index), 'tasks_open', 'tasks_idempotency'];

describe.each(SET_UPS)('how the tables are read, on $name', ({ environment }) => {
  let module: TestingModule;
  let own: DataSource;
  let runner: QueryRunner;
  let heard: Statement[];
  let looks: Look[];
  let onPostgres: boolean;

  beforeAll(async () => {
    const settings = loadSettings({
      ...(await environment()),
      DATA_DIR: await tempDataDir(),
      LOG_LEVEL: 'silent',
    });
    module = await Test.createTestingModule({ imports: [TasksModule.for(settings)] }).compile();
    const database = module.get(Database, { strict: false });
    const writing = module.get<DataSource>(getDataSourceToken(), { strict: false });
    // A connection of its own, with the plain driver: the service's keeps its statements open.
    own = await new DataSource({ ...writing.options, driver: undefined, entities: [] }).initialize();
    runner = own.createQueryRunner();
    onPostgres = database.dialect === 'postgres';
    if (onPostgres) for (const statement of PREFER_INDEXES) await runner.query(statement);
    await fillTables((sql) => runner.query(sql), database.dialect, CROWD);
    heard = overhear(writing, database.read.connection);
    looks = looksOf(module, CROWD);
  });
  afterAll(async () => {
    await runner.release();
    await own.destroy();
    await module.close();
  });

  /** What is wrong with the ways of a look; nothing, when each of its statements ends early. */
  async function problemsOf(look: Look): Promise<string[]> {
    heard.length = 0;
    await look.ask(1);
    const statements = heard.splice(0);
    expect(statements).not.toHaveLength(0);
    const problems: string[] = [];
    for (const statement of statements) problems.push(...(await problemsOfStatement(statement)));
    return problems.map((problem) => `${look.name}: ${problem}`);
  }

  async function problemsOfStatement({ sql, parameters }: Statement): Promise<string[]> {
    // The sessions of tasks that are claimed together are locked in one order.
    const sortsFew = sql.includes('FOR UPDATE');
    if (onPostgres) await runner.query(`SET enable_sort = ${sortsFew ? 'on' : 'off'}`);
    const { indexes, fullScans, indexScans, sorts } = await planOf(runner, sql, parameters);
    const isList = /created_at"? DESC/.test(sql);
    const leading = LEADING.find(([filter]) => filter.test(sql))?.[1];
    // Lists without a filter begin at the end of their index; all that is in the outbox has to be read; and where Postgres
    // knows nothing of the rows, it may go through the few tasks that have not ended.
    const mayScan = (index: string): boolean =>
      (isList && index === leading) ||
      (index === 'primary key' && /FROM "?outbox/.test(sql)) ||
      index === 'tasks_open';
    return [
      ...(indexes.length === 0 ? ['uses no index'] : []),
      ...fullScans.map((table) => `reads all of ${table}`),
      ...indexScans.filter((index) => !mayScan(index)).map((index) => `reads all of ${index}`),
      ...(isList && indexes.join() !== leading ? [`reads ${indexes.join()} instead of ${leading}`] : []),
      ...(/\bjson_/.test(sql) && indexes.includes('tasks_by_status') ? ['walks along all that wait'] : []),
      // Whether another task of the session comes first must not hang on how many it has had.
      ...(/\bother\b/.test(sql) && !indexes.includes('tasks_open') ? ['looks at tasks that have ended'] : []),
      ...(sorts > (sortsFew ? 1 : 0) ? ['sorts'] : []),
    ];
  }

  async function allProblems(): Promise<string[]> {
    const problems: string[] = [];
    for (const look of looks) problems.push(...(await problemsOf(look)));
    return problems;
  }

  it('reads for each list and look a stretch of the right index, and sorts no list', async () => {
    expect(await allProblems()).toEqual([]);
  });

  it.each(INDEXES)('could not do without %s', async (index) => {
    const [row] = (await runner.query(
      onPostgres
        ? `SELECT indexdef AS sql FROM pg_indexes WHERE indexname = '${index}'`
        : `SELECT sql FROM sqlite_master WHERE name = '${index}'`,
    )) as [{ sql: string }];
    await runner.query(`DROP INDEX ${index}`);
    try {
      expect(await allProblems()).not.toEqual([]);
    } finally {
      await runner.query(row.sql);
    }
  });
});
