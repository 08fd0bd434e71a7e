import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The attempts that whoever submitted a task asked for; 0: none asked, also for tasks from before. */
export class AskedAttempts1764500000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE tasks ADD COLUMN asked_attempts integer NOT NULL DEFAULT 0');
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE tasks DROP COLUMN asked_attempts');
  }
}
