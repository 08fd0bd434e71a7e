import type { Settings } from '@app/config';

const DAY_MS = 86_400_000;

/** After how many days of rest what goes; null: never. */
export interface RetentionDays {
  workspaces: number | null;
  logs: number | null;
  cache: number | null;
}

/** The same as instants: what was used last before it goes. */
export type Policy = Record<keyof RetentionDays, string | null>;

export function retentionOf(settings: Settings): RetentionDays {
  return {
    workspaces: settings.workspaceRetentionDays,
    logs: settings.logRetentionDays,
    cache: settings.cacheRetentionDays,
  };
}

export function policyAt(days: RetentionDays, nowMs: number): Policy {
  const before = (limit: number | null): string | null =>
    limit === null ? null : new Date(nowMs - limit * DAY_MS).toISOString();
  return { workspaces: before(days.workspaces), logs: before(days.logs), cache: before(days.cache) };
}
