import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { sharedServerUrl } from './shared-servers.js';

export interface TestDatabase {
  /** For DATABASE_URL. */
  readonly url: string;
  /** Removes it and closes what is connected. Not needed for tidiness: all goes with the server. */
  drop(): Promise<void>;
}

/** A new, empty database on the Postgres of this test run. */
export async function createTestDatabase(): Promise<TestDatabase> {
  const server = sharedServerUrl('postgres');
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = name;
  return { url: url.href, drop: () => execute(server, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`) };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
