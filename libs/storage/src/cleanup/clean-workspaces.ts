import { lstat, rename } from 'node:fs/promises';
import { join } from 'node:path';
import type { Paths } from '@app/paths';
import { besideName, isLeftover } from '../leftovers.js';
import { syncFolder } from '../sync-folder.js';
import type { CleanupReport } from './cleanup-report.js';
import type { RestingSessions } from './ports.js';
import { ignoreMissing, namesIn, removeTree, sizeOfTree } from './tree.js';

const SESSION_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const BATCH = 100;

export interface Removal {
  signal: AbortSignal;
  report: CleanupReport;
  /** Told after each step that a crash may follow; for tests. */
  step: (name: string) => Promise<void>;
}

/**
 * Removes the workspaces of sessions at rest. Each is first renamed, in one step and while nobody can give its session
 * a task, and then emptied: a crash leaves it whole, or gone with a leftover that the next clean-up removes. What is no
 * real folder named by a session is left alone.
 */
export async function cleanWorkspaces(
  paths: Paths,
  sessions: RestingSessions,
  before: string,
  removal: Removal,
): Promise<void> {
  const names = (await namesIn(paths.workspaces)).filter((name) => SESSION_ID.test(name));
  for (let start = 0; start < names.length; start += BATCH) {
    const resting = await sessions.restingOf(names.slice(start, start + BATCH), before);
    for (const [id, lastActivity] of resting) {
      removal.signal.throwIfAborted();
      await cleanOne(join(paths.workspaces, id), { id, lastActivity, before }, sessions, removal);
    }
  }
}

async function cleanOne(
  folder: string,
  { id, lastActivity, before }: { id: string; lastActivity: string | null; before: string },
  sessions: RestingSessions,
  { signal, report, step }: Removal,
): Promise<void> {
  const stats = await lstat(folder).catch(ignoreMissing);
  if (!stats) return;
  // A person may work in it by hand; and a link would take the clean-up elsewhere.
  const usedAt = new Date(
    Math.max(stats.mtimeMs, lastActivity === null ? 0 : Date.parse(lastActivity)),
  ).toISOString();
  if (!stats.isDirectory() || usedAt >= before) return report.skip();
  const item = { kind: 'workspaces' as const, name: id, last_used_at: usedAt };
  if (report.dryRun) return report.add({ ...item, bytes: await sizeOfTree(folder, signal) });
  const away = besideName(folder, 'new');
  const take = async (): Promise<void> => {
    await rename(folder, away);
  };
  if (!(await sessions.takeAtRest(id, before, take))) return report.skip();
  await syncFolder(join(folder, '..'));
  await step('taken');
  report.add({ ...item, bytes: await removeTree(away, signal) });
  await step('removed');
}

/** What a clean-up that was killed had taken away already. */
export async function cleanLeftovers(paths: Paths, { signal, report }: Removal): Promise<void> {
  for (const name of await namesIn(paths.workspaces)) {
    if (!isLeftover(name) || !name.endsWith('.new')) continue;
    const path = join(paths.workspaces, name);
    const bytes = await (report.dryRun ? sizeOfTree : removeTree)(path, signal);
    report.add({ kind: 'leftovers', name: `workspaces/${name}`, bytes, last_used_at: null });
  }
}
