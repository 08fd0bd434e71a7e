import type { QueryRunner } from 'typeorm';
import { MIGRATIONS } from '../migrations/index.js';
import { withConnection } from './connect-plain.js';

/** Where TypeORM notes which migrations have run. */
export const MIGRATIONS_TABLE = 'migrations';

let known: Promise<readonly string[]> | null = null;

/** The tables that our migrations make, as an empty database shows: on Postgres others may stand beside them. */
export function ownTables(): Promise<readonly string[]> {
  known ??= withConnection(
    { kind: 'sqlite', file: ':memory:' },
    async (runner) => {
      await runner.connection.runMigrations();
      const rows = (await runner.query(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
      )) as { name: string }[];
      return rows.map(({ name }) => name).filter((name) => name !== MIGRATIONS_TABLE);
    },
    knownMigrations(),
  );
  return known;
}

/** Those of our tables that the database has; an older one lacks some. */
export async function presentTables(runner: QueryRunner): Promise<string[]> {
  const present: string[] = [];
  for (const table of await ownTables()) if (await runner.hasTable(table)) present.push(table);
  return present;
}

/** The names of the migrations that have run, in their order. */
export async function migrationsOf(runner: QueryRunner): Promise<string[]> {
  if (!(await runner.hasTable(MIGRATIONS_TABLE))) return [];
  const rows = (await runner.query(`SELECT name FROM ${MIGRATIONS_TABLE} ORDER BY timestamp`)) as {
    name: string;
  }[];
  return rows.map(({ name }) => name);
}

export function knownMigrations(): string[] {
  return MIGRATIONS.map(({ name }) => name);
}
