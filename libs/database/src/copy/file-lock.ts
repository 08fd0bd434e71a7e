import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { DataSource } from 'typeorm';
import { PLAIN_SQLITE } from '../prepared-sqlite.js';

export type LockMode = 'shared' | 'exclusive';

export interface HeldLock {
  /** Letting go twice is no mistake: a server may be told to close by two. */
  release(): Promise<void>;
}

/**
 * A lock between processes, also of several containers on one volume: many may hold it shared, or one exclusively.
 * The system lets go of it when its holder dies, kill -9 included, which a file with a process id in it does not do;
 * Node has no such lock, so it is borrowed from SQLite, on an empty database file that never holds anything.
 * Returns null at once when others are in the way.
 */
export async function tryLock(file: string, mode: LockMode): Promise<HeldLock | null> {
  await mkdir(dirname(file), { recursive: true });
  const connection = await new DataSource({
    type: 'sqlite',
    driver: PLAIN_SQLITE,
    database: file,
    busyTimeout: 0,
  }).initialize();
  try {
    // No journal file beside the lock that a crash would leave.
    await connection.query('PRAGMA journal_mode = MEMORY');
    if (mode === 'exclusive') await connection.query('BEGIN EXCLUSIVE');
    else {
      // A transaction takes its shared lock with its first read, and keeps it.
      await connection.query('BEGIN');
      await connection.query('SELECT count(*) FROM sqlite_master');
    }
  } catch (error) {
    await connection.destroy();
    if (isBusy(error)) return null;
    throw error;
  }
  let released: Promise<void> | undefined;
  return { release: () => (released ??= connection.destroy()) };
}

function isBusy(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'SQLITE_BUSY';
}
