import type { EntityManager, ObjectLiteral } from 'typeorm';

/**
 * The rows of an INSERT, UPDATE or DELETE with RETURNING, for the busy places where a query builder costs more than the
 * query. Parameters are $1, $2, … and must first appear in this order: to Postgres they are numbers, to SQLite names
 * that are counted as they come.
 */
export async function changeReturning<Row>(
  manager: EntityManager,
  sql: string,
  parameters: readonly unknown[],
): Promise<Row[]> {
  if (manager.connection.options.type !== 'postgres') {
    // TypeORM asks SQLite for rows only when the statement does not begin with the word.
    return manager.query<Row[]>(` ${sql}`, [...parameters]);
  }
  const answer = await manager.query<[Row[], number] | Row[]>(sql, [...parameters]);
  return isCounted(answer) ? answer[0] : answer;
}

/** What a query builder has put together. */
export interface BuiltQuery {
  getQueryAndParameters(): [sql: string, parameters: unknown[]];
}

/** The rows that the update changed, as they are now. TypeORM offers this on Postgres alone; SQLite can do it too. */
export async function updateReturning<Entity extends ObjectLiteral>(
  manager: EntityManager,
  entity: new () => Entity,
  update: BuiltQuery,
): Promise<Entity[]> {
  const [sql, parameters] = update.getQueryAndParameters();
  const rows = await changeReturning<Record<string, unknown>>(
    manager,
    `${sql} RETURNING ${columnsOf(manager, entity)}`,
    parameters,
  );
  return rows.map((row) => entityOf(manager, entity, row));
}

/** All columns by name, of a table of that name: another version of the service may have added some. */
export function columnsOf(manager: EntityManager, entity: new () => object): string {
  const { columns, tableName } = manager.connection.getMetadata(entity);
  return columns.map(({ databaseName }) => `${tableName}.${databaseName} AS ${databaseName}`).join(', ');
}

/** A row of a table as its entity: JSON parsed, numbers as numbers. */
export function entityOf<Entity extends ObjectLiteral>(
  manager: EntityManager,
  entity: new () => Entity,
  row: Readonly<Record<string, unknown>>,
): Entity {
  const { driver } = manager.connection;
  const made = new entity();
  for (const column of manager.connection.getMetadata(entity).columns)
    column.setEntityValue(made, driver.prepareHydratedValue(row[column.databaseName], column));
  return made;
}

/** For UPDATE and DELETE TypeORM adds a count to what Postgres answers. */
function isCounted<Row>(answer: [Row[], number] | Row[]): answer is [Row[], number] {
  return Array.isArray(answer[0]) && typeof answer[1] === 'number';
}
