import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Every list and every look of the service reads a stretch of one index, with a million tasks as with ten. What a page is
 * filtered by beside the index's own column stands behind its order, where it is checked without reading the row.
 */
const INDEXES = [
  'INDEX tasks_by_status ON tasks (status, created_at, task_id, agent, source)',
  // Tasks of the brain have no agent, most have no key: they are spared the entry.
  'INDEX tasks_by_agent ON tasks (agent, created_at, task_id, source) WHERE agent IS NOT NULL',
  'UNIQUE INDEX tasks_idempotency ON tasks (idempotency_key) WHERE idempotency_key IS NOT NULL',
  'INDEX tasks_by_source ON tasks (source, created_at, task_id)',
  'INDEX tasks_by_session ON tasks (session_id, created_at, task_id)',
  // The line of a session. SQLite uses it for a query that has one of these two terms word for word.
  `INDEX tasks_open ON tasks (session_id, status, created_at, task_id)
     WHERE status = 'QUEUED' OR status IN ('RUNNING', 'WAITING')`,
];

const INDEXES_BEFORE = [
  'INDEX tasks_by_status ON tasks (status, created_at, task_id)',
  'INDEX tasks_by_agent ON tasks (agent, created_at, task_id)',
  'UNIQUE INDEX tasks_idempotency ON tasks (idempotency_key)',
  'INDEX tasks_by_session ON tasks (session_id, status, created_at, task_id)',
];

export class TaskIndexes1764400000000 implements MigrationInterface {
  up(runner: QueryRunner): Promise<void> {
    return replace(runner, INDEXES_BEFORE, INDEXES);
  }

  down(runner: QueryRunner): Promise<void> {
    return replace(runner, INDEXES, INDEXES_BEFORE);
  }
}

async function replace(runner: QueryRunner, old: readonly string[], made: readonly string[]): Promise<void> {
  for (const index of old) await runner.query(`DROP INDEX ${/INDEX (\w+)/.exec(index)?.[1]}`);
  for (const index of made) await runner.query(`CREATE ${index}`);
}
