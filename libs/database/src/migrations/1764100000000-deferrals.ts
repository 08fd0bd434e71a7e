import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often a task was put off because Claude could not serve it. */
export class Deferrals1764100000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // TypeORM would copy the whole table on SQLite; both databases can do without.
    await runner.query('ALTER TABLE tasks ADD COLUMN deferrals integer NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE tasks DROP COLUMN deferrals');
  }
}
