import type { MigrationInterface, QueryRunner } from 'typeorm';
import { count, createTable, dialectOf, id, key, madeAt } from './table-builder.js';

/** Which data folders this database was used with: one that was swapped, or the database itself, can be told. */
export class StorageMarks1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const made = madeAt(dialectOf(runner));
    await createTable(runner, 'storage_marks', {
      columns: { volume_id: key(id()), first_start: made, last_start: made, starts: count() },
    });
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropTable('storage_marks');
  }
}
