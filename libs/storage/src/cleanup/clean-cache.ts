import { lstat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Paths } from '@app/paths';
import type { Removal } from './clean-workspaces.js';
import { ignoreMissing, namesIn } from './tree.js';

/** Folders of Claude Code whose files serve the run that made them. Not `projects`, which conversations go on from. */
const TEMPORARY = ['debug', 'shell-snapshots', 'session-env', 'statsig', 'telemetry', 'paste-cache', 'todos'];
const DEEPEST = 5;

/** Removes old files, and leaves their folders. The plugins of agents have a rule of their own. */
export async function cleanCache(paths: Paths, before: string, removal: Removal): Promise<void> {
  for (const name of TEMPORARY) await cleanFolder(paths, join('claude', name), before, removal, DEEPEST);
}

async function cleanFolder(
  paths: Paths,
  folder: string,
  before: string,
  removal: Removal,
  depth: number,
): Promise<void> {
  const top = await lstat(join(paths.data, folder)).catch(ignoreMissing);
  if (!top?.isDirectory() || depth === 0) return;
  for (const name of await namesIn(join(paths.data, folder))) {
    removal.signal.throwIfAborted();
    const path = join(folder, name);
    const stats = await lstat(join(paths.data, path)).catch(ignoreMissing);
    if (!stats) continue;
    if (stats.isDirectory()) await cleanFolder(paths, path, before, removal, depth - 1);
    else if (stats.mtime.toISOString() < before) {
      if (!removal.report.dryRun) await unlink(join(paths.data, path)).catch(ignoreMissing);
      removal.report.add({
        kind: 'cache',
        name: path,
        bytes: stats.blocks * 512,
        last_used_at: stats.mtime.toISOString(),
      });
    }
  }
}
