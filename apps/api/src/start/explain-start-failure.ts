import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { databaseError } from '@app/database';
import { DataDirError } from '@app/storage';
import { StartError } from './start-error.js';

/** What a person can do about a failed start; null when it is a bug. */
export function explainStartFailure(error: unknown, settings: Settings): StartError | null {
  if (error instanceof StartError) return error;
  if (error instanceof DataDirError || error instanceof AppError) return new StartError(error.message, error);
  const text = sentenceFor(codeOf(error), settings) ?? (databaseError(error) ? unreachable(settings) : null);
  return text === null ? null : new StartError(text, error);
}

function sentenceFor(code: string | null, settings: Settings): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${settings.port} is already in use. Stop the program that has it, or set PORT to another one.`;
    case 'EACCES_PORT':
      return `This user may not listen on port ${settings.port}. Set PORT to one above 1023.`;
    case 'EADDRNOTAVAIL':
      return `This machine has no address ${settings.host}. Set HOST to one it has, such as 127.0.0.1 or 0.0.0.0.`;
    case '28P01':
    case '28000':
      return `The database at ${place(settings)} refuses the user or password. Correct DATABASE_URL.`;
    case '3D000':
      return `The database at ${place(settings)} does not exist. Create it, or correct DATABASE_URL.`;
    case 'SQLITE_CANTOPEN':
    case 'SQLITE_READONLY':
      return `The database ${place(settings)} cannot be opened for writing. Check the owner of the file and its folder.`;
    case 'SQLITE_BUSY':
      return `The database ${place(settings)} is in use by another program, perhaps a second server. Stop that one first.`;
    case 'SQLITE_NOTADB':
    case 'SQLITE_CORRUPT':
      return `The file ${place(settings)} is not a usable SQLite database. Restore a backup, or move it away to start empty.`;
    default:
      return null;
  }
}

function unreachable(settings: Settings): string {
  return `The database at ${place(settings)} does not answer. Start it, or correct DATABASE_URL.`;
}

/** Never the whole URL: it has a password in it. */
function place({ database }: Settings): string {
  if (database.kind === 'sqlite') return database.file ?? 'DATA_DIR/db/machine.db';
  const { host, pathname } = new URL(database.url);
  return host + pathname;
}

function codeOf(error: unknown): string | null {
  if (typeof error !== 'object' || error === null) return null;
  if ('code' in error && typeof error.code === 'string') {
    return error.code === 'EACCES' && 'syscall' in error && error.syscall === 'listen'
      ? 'EACCES_PORT'
      : error.code;
  }
  return 'driverError' in error ? codeOf(error.driverError) : null;
}
