import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { databaseError } from '@app/database';
import { DataDirError } from '@app/storage';
import { WorkerStartError } from './worker-start-error.js';

/** What a person can do about a failed start; null when it is a bug. */
export function explainWorkerFailure(error: unknown, settings: Settings): WorkerStartError | null {
  if (error instanceof DataDirError || error instanceof AppError)
    return new WorkerStartError(error.message, error);
  const text = sentenceFor(codeOf(error), settings);
  if (text !== null) return new WorkerStartError(text, error);
  if (!databaseError(error)) return null;
  return new WorkerStartError(
    `The database at ${place(settings)} does not answer. Start it, or correct DATABASE_URL.`,
    error,
  );
}

function sentenceFor(code: string | null, settings: Settings): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${settings.workerHealthPort} is already in use. Set WORKER_HEALTH_PORT to another one.`;
    case '28P01':
    case '28000':
      return `The database at ${place(settings)} refuses the user or password. Correct DATABASE_URL.`;
    case '3D000':
      return `The database at ${place(settings)} does not exist. Create it, or correct DATABASE_URL.`;
    default:
      return null;
  }
}

/** Never the whole URL: it has a password in it. */
function place({ database }: Settings): string {
  if (database.kind === 'sqlite') return database.file ?? 'DATA_DIR/db/machine.db';
  const { host, pathname } = new URL(database.url);
  return host + pathname;
}

function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  if ('code' in error && typeof error.code === 'string') return error.code;
  return 'driverError' in error ? codeOf(error.driverError) : null;
}
