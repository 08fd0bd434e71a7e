import { Injectable } from '@nestjs/common';
import type { TaskStatus } from '@app/contracts';
import { columnsOf, cursorOf, Database, entityOf, page, placeOf } from '@app/database';
import type { Page, PageRequest, Place } from '@app/database';
import { TaskEntity } from './task.entity.js';

export interface TaskFilter {
  status?: TaskStatus;
  agent?: string;
  session_id?: string;
  source?: string;
  /** Text that the prompt contains, literally; upper and lower case of A to Z are alike. */
  q?: string;
  /** ISO instant: created at or after. */
  since?: string;
}

/** Each has an index in the order of the list. The first that is asked for leads; the others are checked along it. */
const LEADING = ['session_id', 'status', 'agent', 'source'] as const;
/** What the index holds of a task, and all that has to be read of its row, cost this differently. */
const MOST_LOOKED_THROUGH = { entries: 10_000, rows: 1_000 };

interface Condition {
  column: keyof TaskEntity;
  sql(parameter: (value: unknown) => string): string;
}

/**
 * Lists of tasks, newest first, each page in bounded time whatever is asked for. By one filter the page is read off its
 * index. With more filters, or a text, the page may look through many tasks that do not match: it ends at a horizon, and
 * what was not looked through is left for the next page. So it may hold fewer tasks than its limit and still not be the last.
 */
@Injectable()
export class TaskListRepository {
  constructor(private readonly database: Database) {}

  async list(filter: TaskFilter, request: PageRequest): Promise<Page<TaskEntity>> {
    const [leading, ...others] = LEADING.filter((column) => filter[column] !== undefined);
    const line: Condition[] = [
      ...(leading ? [equals(leading, filter[leading])] : []),
      ...(filter.since === undefined ? [] : [since(filter.since)]),
      ...(request.cursor === undefined ? [] : [fromPlace('<', placeOf(request.cursor))]),
    ];
    if (others.length === 0 && filter.q === undefined) {
      const rows = await this.rows(line, request.limit + 1);
      return page(rows, request.limit, keyOf);
    }
    const checks = [
      ...others.map((column) => equals(column, filter[column])),
      ...(filter.q === undefined ? [] : [this.contains(filter.q)]),
    ];
    const inIndex = filter.q === undefined && leading !== 'session_id';
    const horizon = await this.horizon(line, MOST_LOOKED_THROUGH[inIndex ? 'entries' : 'rows']);
    const upTo = horizon ? [...line, fromPlace('>=', horizon)] : line;
    const found = page(await this.matching(upTo, checks, request.limit + 1), request.limit, keyOf);
    return { ...found, next_cursor: found.next_cursor ?? (horizon && cursorOf(horizon)) };
  }

  /** The place of the last task that the page may look through; null: there are not so many. */
  private async horizon(line: readonly Condition[], most: number): Promise<Place | null> {
    const { where, parameters } = conditions(line);
    const [row] = await this.database.read.query<Pick<TaskEntity, 'created_at' | 'task_id'>[]>(
      `SELECT created_at, task_id FROM tasks ${where} ${NEWEST_FIRST} LIMIT 1 OFFSET ${most - 1}`,
      parameters,
    );
    return row ? keyOf(row) : null;
  }

  private async rows(line: readonly Condition[], limit: number): Promise<TaskEntity[]> {
    const { where, parameters } = conditions(line);
    return this.read(`SELECT ${this.columns} FROM tasks ${where} ${NEWEST_FIRST} LIMIT ${limit}`, parameters);
  }

  /**
   * The inner SELECT has a LIMIT that cuts nothing: it keeps both databases from walking along any other index, for which
   * the horizon is no bound. It takes no column more than is checked: without the prompt, all of them are in the index.
   */
  private async matching(
    line: readonly Condition[],
    checks: readonly Condition[],
    limit: number,
  ): Promise<TaskEntity[]> {
    const inner = conditions(line);
    const outer = conditions(checks, inner.parameters);
    const columns = ['task_id', 'created_at', ...checks.map(({ column }) => column)].join(', ');
    const found = await this.database.read.query<Pick<TaskEntity, 'task_id'>[]>(
      `SELECT task_id FROM (
         SELECT ${columns} FROM tasks ${inner.where} ${NEWEST_FIRST} LIMIT ${Number.MAX_SAFE_INTEGER}
       ) looked ${outer.where} ${NEWEST_FIRST} LIMIT ${limit}`,
      outer.parameters,
    );
    return this.inOrder(found.map(({ task_id }) => task_id));
  }

  private async inOrder(taskIds: readonly string[]): Promise<TaskEntity[]> {
    if (taskIds.length === 0) return [];
    const places = taskIds.map((_id, index) => `$${index + 1}`).join(', ');
    const tasks = await this.read(`SELECT ${this.columns} FROM tasks WHERE task_id IN (${places})`, taskIds);
    const byId = new Map(tasks.map((task) => [task.task_id, task]));
    return taskIds.flatMap((id) => byId.get(id) ?? []);
  }

  private async read(sql: string, parameters: readonly unknown[]): Promise<TaskEntity[]> {
    const { read } = this.database;
    const rows = await read.query<Record<string, unknown>[]>(sql, [...parameters]);
    return rows.map((row) => entityOf(read, TaskEntity, row));
  }

  private get columns(): string {
    return columnsOf(this.database.read, TaskEntity);
  }

  private contains(text: string): Condition {
    const pattern = `%${text.replace(/[\\%_]/g, '\\$&')}%`;
    // LIKE of SQLite takes a to z for A to Z, and so does ILIKE of Postgres.
    const like = this.database.dialect === 'postgres' ? 'ILIKE' : 'LIKE';
    return {
      column: 'prompt',
      sql: (parameter) => `prompt ${like} ${parameter(pattern)} ESCAPE '\\'`,
    };
  }
}

const NEWEST_FIRST = 'ORDER BY created_at DESC, task_id DESC';

const keyOf = (row: Pick<TaskEntity, 'created_at' | 'task_id'>): Place => [row.created_at, row.task_id];

const equals = (column: (typeof LEADING)[number], value: unknown): Condition => ({
  column,
  sql: (parameter) => `${column} = ${parameter(value)}`,
});

const since = (at: string): Condition => ({
  column: 'created_at',
  sql: (parameter) => `created_at >= ${parameter(at)}`,
});

/** The instant is compared twice, because Postgres judges by simple comparisons alone how many rows there may be. */
const fromPlace = (comparison: '<' | '>=', [at, id]: Place): Condition => ({
  column: 'created_at',
  sql: (parameter) => {
    const instant = parameter(at);
    const simple = comparison === '<' ? '<=' : '>=';
    return `created_at ${simple} ${instant} AND (created_at, task_id) ${comparison} (${instant}, ${parameter(id)})`;
  },
});

/** Numbered in the order they stand in the statement, behind those that are there already. */
function conditions(
  all: readonly Condition[],
  before: readonly unknown[] = [],
): { where: string; parameters: unknown[] } {
  const parameters = [...before];
  const parameter = (value: unknown): string => `$${parameters.push(value)}`;
  const terms = all.map((condition) => condition.sql(parameter));
  return { where: terms.length > 0 ? `WHERE ${terms.join(' AND ')}` : '', parameters };
}
