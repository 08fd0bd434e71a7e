import { TableColumn, type MigrationInterface, type QueryRunner } from 'typeorm';
import { count, createTable, dialectOf, id, instant, key, madeAt, name, required } from './table-builder.js';

/** Which processes there are, and which of them holds a connection: what a crashed one left open can be closed. */
export class Workers1764200000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    const made = madeAt(dialectOf(runner));
    await createTable(runner, 'workers', {
      columns: {
        worker_id: key(id()),
        machine_id: required(name()),
        version: required(name()),
        role: required(name()),
        status: required(name()),
        slots: count(),
        running: count(),
        started_at: made,
        last_seen_at: made,
        last_claim_at: instant(),
      },
      oneOf: { role: ['all', 'api', 'worker'], status: ['ACTIVE', 'DRAINING'] },
      indexes: [{ name: 'workers_by_last_seen', columns: ['last_seen_at'] }],
    });
    await runner.addColumn('session_connections', new TableColumn({ ...id(), name: 'worker_id' }));
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.dropColumn('session_connections', 'worker_id');
    await runner.dropTable('workers');
  }
}
