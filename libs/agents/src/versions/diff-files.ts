import { createTwoFilesPatch } from 'diff';
import { textOf, type FolderFiles } from '../folders/folder-files.js';

export const FILE_CHANGES = ['added', 'removed', 'changed'] as const;

export interface FileDiff {
  path: string;
  change: (typeof FILE_CHANGES)[number];
  /** Unified, as `git apply` takes it; null for what is not text, or too different to be compared in time. */
  patch: string | null;
}

/** Comparing holds up everything else, so all files of a pair of versions share this time. */
const BUDGET_MS = 1000;

/** What it takes to get from one set of files to the other, by path. */
export function diffFiles(from: FolderFiles, to: FolderFiles): FileDiff[] {
  const deadline = performance.now() + BUDGET_MS;
  const paths = [...new Set([...from.keys(), ...to.keys()])].sort();
  return paths.flatMap((path) => {
    const before = from.get(path);
    const after = to.get(path);
    if (before && after?.content.equals(before.content)) return [];
    const change = before ? (after ? 'changed' : 'removed') : 'added';
    return [{ path, change, patch: patchOf(path, from, to, deadline - performance.now()) }];
  });
}

function patchOf(path: string, from: FolderFiles, to: FolderFiles, timeout: number): string | null {
  const before = from.has(path) ? textOf(from, path) : '';
  const after = to.has(path) ? textOf(to, path) : '';
  if (before === null || after === null || timeout <= 0) return null;
  const patch = createTwoFilesPatch(
    from.has(path) ? `a/${path}` : '/dev/null',
    to.has(path) ? `b/${path}` : '/dev/null',
    before,
    after,
    undefined,
    undefined,
    { context: 3, timeout },
  );
  // Its first line, all of equal signs, belongs to another format.
  return patch?.replace(/^=+\n/, '') ?? null;
}
