import { readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Paths } from '@app/paths';
import { AppError } from '@app/contracts';
import { NEVER_AT_TOP } from '../data-tree.js';
import { isThere } from './move.js';
import type { Move } from './journal.js';

export interface Staged {
  /** The unpacked data folder. */
  tree: string;
  /** Where what is replaced goes. */
  old: string;
  /** A SQLite file that lies outside of the data folder, and what takes its place beside it. */
  outside: { live: string; staged: string } | null;
  /** Whether what is in `db/` stays: the rows are in Postgres. */
  keepDb: boolean;
}

/** Everything at the top of the data folder is replaced or goes; what no backup holds stays. */
export async function planMoves(paths: Paths, { tree, old, outside, keepDb }: Staged): Promise<Move[]> {
  const staged = new Set(await readdir(tree));
  const names = new Set([...(await readdir(paths.data)), ...staged]);
  const moves: Move[] = [];
  for (const name of [...names].sort()) {
    if (NEVER_AT_TOP.has(name) || (keepDb && name === 'db')) continue;
    const live = join(paths.data, name);
    await assertMovable(paths.data, live);
    moves.push({ live, staged: staged.has(name) ? join(tree, name) : null, old: join(old, name) });
  }
  if (!outside) return moves;
  for (const ending of ['-wal', '-shm', '-journal']) {
    const live = `${outside.live}${ending}`;
    moves.push({ live, staged: null, old: `${outside.staged}${ending}.old` });
  }
  return [...moves, { ...outside, old: `${outside.staged}.old` }];
}

/** A rename does not leave its file system, and a mount point cannot be moved. */
async function assertMovable(data: string, live: string): Promise<void> {
  if (!(await isThere(live))) return;
  const [{ dev }, { dev: needed }] = await Promise.all([stat(live), stat(dirname(live))]);
  if (dev === needed) return;
  throw new AppError(
    'STORAGE_NOT_WRITABLE',
    `${live} is a mount of its own, so a restore cannot replace ${data} in one step. Restore into a folder without it, then copy that part.`,
  );
}
