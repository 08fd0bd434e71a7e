import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test, type TestingModule } from '@nestjs/testing';
import { loadSettings } from '@app/config';
import { Database } from '@app/database';
import { TaskService, TasksModule } from '@app/tasks';
import type { TaskFilter } from '../../../libs/tasks/src/task-list.repository.js';
import { fillTables, sessionId, type Crowd } from '../../support/fill-tables.js';
import { SET_UPS, tempDataDir } from '../../support/index.js';

/** More than one page may look through, by their texts and by their indexes. */
const CROWD: Crowd = {
  tasks: 12_500,
  sessions: 2500,
  queued: 400,
  parked: 30,
  running: 20,
  events: 10,
  outbox: 10,
};

interface Row {
  task_id: string;
  created_at: string;
}

describe.each(SET_UPS)('lists of tasks, on $name', ({ environment }) => {
  let module: TestingModule;
  let database: Database;

  beforeAll(async () => {
    const settings = loadSettings({
      ...(await environment()),
      DATA_DIR: await tempDataDir(),
      LOG_LEVEL: 'silent',
    });
    module = await Test.createTestingModule({ imports: [TasksModule.for(settings)] }).compile();
    database = module.get(Database, { strict: false });
    await database.write((manager) =>
      fillTables((sql) => manager.query(sql), database.dialect, { ...CROWD }),
    );
  });
  afterAll(() => module.close());

  /** All pages, and how many there were. */
  async function walk(filter: TaskFilter, limit = 200): Promise<{ ids: string[]; pages: number }> {
    const ids: string[] = [];
    let cursor: string | null = null;
    let pages = 0;
    do {
      const page: { items: Row[]; next_cursor: string | null } = await module
        .get(TaskService)
        .list(filter, { limit, ...(cursor === null ? {} : { cursor }) });
      expect(page.items.length).toBeLessThanOrEqual(limit);
      ids.push(...page.items.map(({ task_id }) => task_id));
      cursor = page.next_cursor;
      pages += 1;
    } while (cursor !== null);
    return { ids, pages };
  }

  async function expected(where: string): Promise<string[]> {
    const rows = await database.read.query<Row[]>(
      `SELECT task_id FROM tasks WHERE ${where} ORDER BY created_at DESC, task_id DESC`,
    );
    return rows.map(({ task_id }) => task_id);
  }

  it.each([
    ['a status', { status: 'FAILED' }, "status = 'FAILED'"],
    ['an agent', { agent: 'reviewer' }, "agent = 'reviewer'"],
    ['a source', { source: 'retry' }, "source = 'retry'"],
    ['a session', { session_id: sessionId(0) }, `session_id = '${sessionId(0)}'`],
    ['status and agent', { status: 'FAILED', agent: 'executor' }, "status = 'FAILED' AND agent = 'executor'"],
    ['agent and source', { agent: 'planning', source: 'cli' }, "agent = 'planning' AND source = 'cli'"],
    [
      'session and status',
      { session_id: sessionId(0), status: 'COMPLETED' },
      `session_id = '${sessionId(0)}' AND status = 'COMPLETED'`,
    ],
    ['a text', { q: 'MATTER 77' }, "prompt LIKE '%matter 77%'"],
    ['text and source', { q: '7 of the', source: 'cli' }, "prompt LIKE '%7 of the%' AND source = 'cli'"],
  ] satisfies [string, TaskFilter, string][])(
    'by %s have all there is, newest first, each once, page by page',
    async (_name, filter, where) => {
      const all = await expected(where);
      expect(all).not.toHaveLength(0);
      expect((await walk(filter)).ids).toEqual(all);
    },
  );

  it('look through a part for each page, and may find nothing in it', async () => {
    const { ids, pages } = await walk({ q: 'matter 12 of' });
    expect(ids).toEqual(await expected("prompt LIKE '%matter 12 of%'"));
    expect(pages).toBe(13);
    expect(await walk({ status: 'COMPLETED', agent: 'nobody' })).toEqual({ ids: [], pages: 2 });
  });

  it('take the signs of a pattern, and letters beyond A to Z, as they are', async () => {
    await database.write((manager) =>
      manager.query(
        `INSERT INTO tasks (task_id, status, prompt) VALUES ('signs', 'COMPLETED', '100 %_\\ ÄRGER, Möbius')`,
      ),
    );
    for (const q of ['%_\\', 'ÄRGER', 'MöBIUS']) expect((await walk({ q })).ids).toEqual(['signs']);
    expect((await walk({ q: '%\\' })).ids).toEqual([]);
  });

  it('begin at an instant', async () => {
    const [row] = await database.read.query<Row[]>(
      'SELECT created_at FROM tasks ORDER BY created_at DESC LIMIT 1 OFFSET 1500',
    );
    const since = row?.created_at ?? '';
    expect((await walk({ since, agent: 'executor' })).ids).toEqual(
      await expected(`created_at >= '${since}' AND agent = 'executor'`),
    );
    expect((await walk({ since })).ids).toEqual(await expected(`created_at >= '${since}'`));
    const both = await walk({ since, status: 'COMPLETED', source: 'retry' });
    expect(both.ids).toEqual(
      await expected(`created_at >= '${since}' AND status = 'COMPLETED' AND source = 'retry'`),
    );
    expect(both.pages).toBe(1);
  });
});
