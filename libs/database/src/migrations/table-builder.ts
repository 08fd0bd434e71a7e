import { Table, TableCheck, TableIndex, type QueryRunner, type TableColumnOptions } from 'typeorm';
import { instantSql, type Dialect } from '../dialect.js';

/** A column that both databases store alike; `columns.ts` has the same vocabulary for entities. */
type Column = Omit<TableColumnOptions, 'name'>;

export const id = (): Column => ({ type: 'varchar', length: '64', isNullable: true });
export const name = (): Column => ({ type: 'varchar', length: '255', isNullable: true });
export const text = (): Column => ({ type: 'text', isNullable: true });
export const instant = (): Column => ({ type: 'varchar', length: '30', isNullable: true });
export const count = (): Column => ({ type: 'integer', default: 0 });
export const bigCount = (): Column => ({ type: 'bigint', default: 0 });
export const amount = (): Column => ({ type: 'double precision', default: 0 });
export const key = (column: Column): Column => ({ ...column, isPrimary: true, isNullable: false });
export const required = (column: Column): Column => ({ ...column, isNullable: false });
export const optional = (column: Column): Column => ({ ...column, isNullable: true, default: undefined });
export const withDefault = (column: Column, value: string | number): Column => ({
  ...column,
  isNullable: false,
  default: typeof value === 'string' ? `'${value}'` : value,
});

/** Filled by the database when a row is made by hand. */
export function madeAt(dialect: Dialect): Column {
  return { ...instant(), isNullable: false, default: `(${instantSql(dialect)})` };
}

export interface TableShape {
  columns: Record<string, Column>;
  indexes?: { name: string; columns: string[]; unique?: boolean; where?: string }[];
  /** Column name → the values it may hold. */
  oneOf?: Record<string, readonly string[]>;
}

export async function createTable(runner: QueryRunner, table: string, shape: TableShape): Promise<void> {
  await runner.createTable(
    new Table({
      name: table,
      columns: Object.entries(shape.columns).map(([column, options]) => ({ ...options, name: column })),
      checks: Object.entries(shape.oneOf ?? {}).map(
        ([column, values]) =>
          new TableCheck({
            name: `${table}_${column}_known`,
            expression: `${column} IN (${values.map((value) => `'${value}'`).join(', ')})`,
          }),
      ),
      indices: (shape.indexes ?? []).map(
        ({ name: indexName, columns, unique, where }) =>
          new TableIndex({
            name: indexName,
            columnNames: columns,
            isUnique: unique ?? false,
            ...(where ? { where } : {}),
          }),
      ),
    }),
  );
}

export function dialectOf(runner: QueryRunner): Dialect {
  return runner.connection.options.type === 'postgres' ? 'postgres' : 'sqlite';
}
