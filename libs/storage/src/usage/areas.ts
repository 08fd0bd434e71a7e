import type { StorageArea } from '@app/contracts';

/** The first parts of a path in the data folder → its area; the longest that fits. */
const PLACES: readonly (readonly [place: string, area: StorageArea])[] = [
  ['config/agents', 'agents'],
  ['config/skills', 'skills'],
  ['config/webhooks', 'webhooks'],
  ['registry', 'registry'],
  ['credentials', 'credentials'],
  ['db', 'database'],
  ['backups', 'backups'],
  ['workspaces', 'workspaces'],
  ['repositories', 'repositories'],
  ['claude', 'transcripts'],
  ['logs', 'logs'],
  ['cache', 'cache'],
];

/** `path`: relative to the data folder, with `/` between its parts. */
export function areaOf(path: string): StorageArea {
  return PLACES.find(([place]) => path === place || path.startsWith(`${place}/`))?.[1] ?? 'other';
}

const SESSION_ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * The session that a folder belongs to: `workspaces/<session_id>`, or the transcripts of that workspace, which Claude
 * Code keeps in `claude/projects/` under the workspace's path with dashes for all that is no letter or digit.
 */
export function sessionOf(path: string): string | null {
  const [top, second, third] = path.split('/');
  if (top === 'workspaces')
    return second !== undefined && SESSION_ID.test(second) && second.length === 36 ? second : null;
  if (top !== 'claude' || second !== 'projects') return null;
  return SESSION_ID.exec(third ?? '')?.[0] ?? null;
}
