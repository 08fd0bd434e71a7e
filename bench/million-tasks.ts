import pg from 'pg';
import type { TestingModule } from '@nestjs/testing';
import { Database } from '@app/database';
import type { TaskEntity } from '@app/tasks';
import { TaskRepository } from '../libs/tasks/src/task.repository.js';
import { percentile, type Figure, type Measurement } from './figure.js';
import { fillTables, MILLION } from '../test/support/fill-tables.js';
import { looksOf, type Look } from '../test/support/task-looks.js';
import { withTasks } from './open-tasks.js';
import { BENCH_SET_UPS } from './set-ups.js';

const SAMPLES = 60;
const WARM_UP = 3;
/** What is that slow needs no more samples. */
const LONGEST_MS = 5_000;
const CLAIMS = 300;
const TARGET_MS = 50;
const INSERTED = { batches: 30, rows: 100 };

/** What people and the service itself ask of the tables, with a million tasks in them. */
export async function millionTasks(): Promise<Measurement> {
  const figures: Figure[] = [];
  const raw: Measurement['raw'] = {};
  for (const setUp of BENCH_SET_UPS) {
    await setUp.use((environment) =>
      withTasks(environment, async (module) => {
        await fill(module, environment.DATABASE_URL);
        const looks = looksOf(module, MILLION);
        for (const look of looks) {
          const samples = await timesOf(look, look.name.startsWith('claim') ? CLAIMS : SAMPLES);
          const name = `${setUp.name}: ${look.name}`;
          raw[name] = samples;
          figures.push(
            { name: `${name}, p50`, unit: 'ms', measured: percentile(samples, 0.5), target: null },
            { name: `${name}, p95`, unit: 'ms', measured: percentile(samples, 0.95), target: TARGET_MS },
          );
        }
        const measured = await insertMs(module);
        figures.push({ name: `${setUp.name}: insert of one task`, unit: 'ms', measured, target: null });
      }),
    );
  }
  return { figures, raw };
}

/** Past the service's own connections to Postgres, which give up on a statement that takes this long. */
async function fill(module: TestingModule, postgresUrl: string | undefined): Promise<void> {
  if (postgresUrl === undefined) {
    await module
      .get(Database, { strict: false })
      .write((manager) => fillTables((sql) => manager.query(sql), 'sqlite', MILLION));
    return;
  }
  const client = new pg.Client({ connectionString: postgresUrl });
  await client.connect();
  try {
    await fillTables((sql) => client.query(sql), 'postgres', MILLION);
    // What autovacuum would have done by then.
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}

async function timesOf(look: Look, count: number): Promise<number[]> {
  const samples: number[] = [];
  const end = performance.now() + LONGEST_MS;
  for (let sample = -WARM_UP; sample < count; sample += 1) {
    if (samples.length > 0 && performance.now() > end) break;
    const begin = performance.now();
    await look.ask(Math.max(0, sample));
    if (sample >= 0) samples.push(performance.now() - begin);
  }
  return samples;
}

/** Milliseconds for each of many that are stored together: what every index makes dearer. */
async function insertMs(module: TestingModule): Promise<number> {
  const database = module.get(Database, { strict: false });
  const tasks = module.get(TaskRepository, { strict: false });
  const one = await database.read.query<TaskEntity[]>('SELECT * FROM tasks LIMIT 1');
  const begin = performance.now();
  for (let batch = 0; batch < INSERTED.batches; batch += 1) {
    const created_at = new Date().toISOString();
    const rows = Array.from({ length: INSERTED.rows }, (_, row) => {
      const task_id = `bench-${batch}-${row}`;
      return { ...one[0], task_id, created_at, session_id: task_id, status: 'QUEUED', idempotency_key: null };
    });
    await database.insert(tasks.insertOf(rows as TaskEntity[]));
  }
  return (performance.now() - begin) / (INSERTED.batches * INSERTED.rows);
}
