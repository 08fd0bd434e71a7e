import { MigrationExecutor, type DataSource } from 'typeorm';

/** Any number that no other program takes on this database. */
const LOCK = 4_061_764;

/** Servers that start at the same time migrate one after the other; all but the first find nothing to do. */
export async function migrate(dataSource: DataSource): Promise<void> {
  if (dataSource.options.type !== 'postgres') {
    await dataSource.runMigrations();
    return;
  }
  const runner = dataSource.createQueryRunner();
  try {
    // Another server's migration, and our own, may take as long as they need.
    await runner.query('SET statement_timeout = 0; SET lock_timeout = 0');
    await runner.query(`SELECT pg_advisory_lock(${LOCK})`);
    await new MigrationExecutor(dataSource, runner).executePendingMigrations();
  } finally {
    await runner.query(`SELECT pg_advisory_unlock(${LOCK})`).catch(() => undefined);
    await runner.query('RESET statement_timeout; RESET lock_timeout').catch(() => undefined);
    await runner.release();
  }
}
