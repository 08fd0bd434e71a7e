import { lstat, opendir, readlink } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Paths } from '@app/paths';
import { isLeftover } from '../leftovers.js';
import { errorCodeOf } from '../storage-error.js';

export type TreeEntry =
  | { kind: 'folder'; path: string; mode: number; mtime: Date }
  | { kind: 'file'; path: string; full: string }
  | { kind: 'link'; path: string; target: string }
  | { kind: 'other'; path: string };

/** At the top of the data folder: made again when needed, or no part of what users made. */
export const NEVER_AT_TOP: ReadonlySet<string> = new Set([
  ...['backups', 'cache', '.restore', '.lock', '.backup', '.write-test'],
  // A volume that is a disk of its own has it.
  'lost+found',
]);

/**
 * What belongs into a backup, beside the database. Never: master keys, backups, caches, half-written files. Things
 * that vanish while it looks are passed over. Paths are relative, with `/`.
 */
export async function* dataTree(paths: Paths, never: ReadonlySet<string>): AsyncGenerator<TreeEntry> {
  yield* walk(paths.data, paths.data, never);
}

/** The files that no backup holds, by their full path. */
export function neverInBackup(
  paths: Paths,
  settings: { masterKeyFile: string | null },
  database: string | null,
): Set<string> {
  const files = [join(paths.credentials, 'master.key')];
  if (settings.masterKeyFile) files.push(join(settings.masterKeyFile));
  for (const file of [paths.database, ...(database ? [database] : [])]) {
    files.push(file, `${file}-wal`, `${file}-shm`, `${file}-journal`);
  }
  return new Set(files);
}

async function* walk(root: string, folder: string, never: ReadonlySet<string>): AsyncGenerator<TreeEntry> {
  const names = await namesIn(folder);
  for (const name of names) {
    const full = join(folder, name);
    if (never.has(full) || isLeftover(name)) continue;
    if (folder === root && NEVER_AT_TOP.has(name)) continue;
    const path = relative(root, full).split(sep).join('/');
    const stats = await lstat(full).catch(ignoreMissing);
    if (!stats) continue;
    if (stats.isDirectory()) {
      yield { kind: 'folder', path, mode: stats.mode & 0o777, mtime: stats.mtime };
      yield* walk(root, full, never);
    } else if (stats.isFile()) yield { kind: 'file', path, full };
    else if (stats.isSymbolicLink()) {
      const target = await readlink(full).catch(ignoreMissing);
      if (target !== null) yield { kind: 'link', path, target };
    } else yield { kind: 'other', path };
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  const opened = await opendir(folder).catch(ignoreMissing);
  if (opened) for await (const { name } of opened) names.push(name);
  return names.sort();
}

function ignoreMissing(error: unknown): null {
  const code = errorCodeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') return null;
  throw error;
}
