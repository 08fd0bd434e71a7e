import { existsSync } from 'node:fs';
import type { Settings } from '@app/config';
import type { PersistenceFinding } from '@app/contracts';
import {
  databaseHealth,
  inspectDatabase,
  type DatabaseHealth,
  type DatabaseState,
  type PlainTarget,
} from '@app/database';
import { errorCodeOf } from '../storage-error.js';
import { fail, ok, warn } from './finding.js';

const LIMIT_MS = 30_000;
const DAMAGED: ReadonlySet<string | null> = new Set(['SQLITE_CORRUPT', 'SQLITE_NOTADB']);

/** What came of asking: `none`, SQLite's file is not made yet. */
export type DatabaseAnswer =
  | { kind: 'health'; health: DatabaseHealth; tables: DatabaseState['kind'] }
  | { kind: 'none' | 'slow' | 'damaged' }
  | { kind: 'unreachable'; code: string };

export async function askDatabase(settings: Settings, target: PlainTarget): Promise<DatabaseAnswer> {
  if (target.kind === 'sqlite' && !existsSync(target.file)) return { kind: 'none' };
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<DatabaseAnswer>((resolve) => {
    timer = setTimeout(() => resolve({ kind: 'slow' }), LIMIT_MS);
  });
  try {
    return await Promise.race([ask(settings, target), late]);
  } catch (error) {
    const code = errorCodeOf(error);
    if (DAMAGED.has(code)) return { kind: 'damaged' };
    if (code === null) throw error;
    return { kind: 'unreachable', code };
  } finally {
    clearTimeout(timer);
  }
}

async function ask(settings: Settings, target: PlainTarget): Promise<DatabaseAnswer> {
  const health = await databaseHealth(target);
  return { kind: 'health', health, tables: (await inspectDatabase(settings)).kind };
}

/** Test 3 of the debugging chapter: whether rows that were stored are there, and will be. */
export function checkDatabase(answer: DatabaseAnswer, { kind }: PlainTarget): PersistenceFinding {
  switch (answer.kind) {
    case 'none':
      return ok('database', 'There is none yet: it is made at the first start.');
    case 'slow':
      return warn(
        'database',
        'DATABASE_SLOW',
        `It could not be read through within ${LIMIT_MS / 1000} s.`,
        'Prove a backup instead: claude-agent backup drill.',
      );
    case 'damaged':
      return damaged('it cannot be read');
    case 'unreachable':
      return fail(
        'database',
        'DATABASE_UNREACHABLE',
        `It cannot be opened or asked (${answer.code}).`,
        kind === 'sqlite'
          ? 'See to owner and mode of its file, or correct DATABASE_URL.'
          : 'Start Postgres, or correct DATABASE_URL.',
      );
    case 'health':
      return checkHealth(answer, kind);
  }
}

function checkHealth(
  { health, tables }: Extract<DatabaseAnswer, { kind: 'health' }>,
  kind: PlainTarget['kind'],
): PersistenceFinding {
  const { damage, durability } = health;
  if (damage !== null && damage !== 'not asked') return damaged(damage);
  if (durability['fsync'] === 'off' || durability['full_page_writes'] === 'off') {
    const name = durability['fsync'] === 'off' ? 'fsync' : 'full_page_writes';
    return fail(
      'database',
      name === 'fsync' ? 'POSTGRES_FSYNC_OFF' : 'POSTGRES_FULL_PAGE_WRITES_OFF',
      `Postgres runs with ${name} off: a power cut may damage all of it.`,
      `Set ${name} = on in postgresql.conf, and restart it.`,
    );
  }
  if (durability['synchronous_commit'] === 'off') {
    return fail(
      'database',
      'POSTGRES_SYNCHRONOUS_COMMIT_OFF',
      'Postgres answers commits before they are on the disk: a crash loses tasks that were accepted.',
      'Set synchronous_commit = on for this database.',
    );
  }
  if (tables === 'newer') {
    return warn(
      'database',
      'DATABASE_NEWER',
      'A later version of this program has changed its tables.',
      'Use that version, or restore a backup.',
    );
  }
  if (kind === 'sqlite' && tables !== 'empty' && durability['journal_mode'] !== 'wal') {
    return warn(
      'database',
      'SQLITE_NOT_WAL',
      `Its journal is "${durability['journal_mode']}", and the service sets "wal": another program has changed it.`,
      'The next start sets it again. Let other programs only read the database.',
    );
  }
  const name = kind === 'sqlite' ? 'SQLite' : 'Postgres';
  if (damage === 'not asked')
    return ok('database', `${name} answers; it is too large to be read through here.`);
  const state = tables === 'older' ? '; the next start brings its tables up to date' : '';
  return ok(
    'database',
    kind === 'sqlite'
      ? `SQLite is whole${state}.`
      : `Postgres answers, and confirms what is on its disk${state}.`,
  );
}

function damaged(what: string): PersistenceFinding {
  return fail(
    'database',
    'DATABASE_DAMAGED',
    `It is damaged: ${what.split('\n')[0]}.`,
    'Stop the service, keep a copy of the data folder, and restore a backup: claude-agent backup restore.',
  );
}
