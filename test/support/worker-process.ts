import { Program } from './program.js';
import { waitFor } from './wait-for.js';

const START_LIMIT_MS = 30_000;

/** The compiled worker as a process of its own. It shares the database, the queue and the data folder of others. */
export async function startWorkerProcess(environment: Record<string, string>): Promise<Program> {
  const worker = Program.spawn(['dist/apps/worker/src/main.js'], {
    LOG_LEVEL: 'warn',
    LOG_JSON: 'true',
    ...environment,
  });
  await waitFor(() => worker.ended || worker.log.includes('is ready for'), {
    timeoutMs: START_LIMIT_MS,
    what: 'the worker to start',
  });
  if (worker.ended) throw new Error(`the worker ended at its start:\n${worker.log}`);
  return worker;
}
