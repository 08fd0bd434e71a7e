export const FINDING_LEVELS = ['ok', 'warn', 'fail'] as const;
export type FindingLevel = (typeof FINDING_LEVELS)[number];

/** One line about how well data lasts: what was looked at, what was found, and what to do unless it is well. */
export interface PersistenceFinding {
  level: FindingLevel;
  /** What was looked at: `volume`, `fsync`, `database`, … */
  check: string;
  /** `OK`, or what is wrong, for programs: `VOLUME_IN_CONTAINER_LAYER`, … */
  code: string;
  /** What was found, and what it means. */
  message: string;
  remedy: string | null;
}

export interface PersistenceShape {
  /** The worst of the lines. */
  level: FindingLevel;
  checked_at: string;
  items: PersistenceFinding[];
}

/** What the data folder is made of; `transcripts` is Claude Code's own folder, `other` what nobody knows. */
export const STORAGE_AREAS = [
  'agents',
  'skills',
  'webhooks',
  'registry',
  'credentials',
  'database',
  'backups',
  'workspaces',
  'repositories',
  'transcripts',
  'logs',
  'cache',
  'other',
] as const;
export type StorageArea = (typeof STORAGE_AREAS)[number];

export interface StorageAreaShape {
  area: StorageArea;
  /** As the disk holds them: a file of one byte takes a block. */
  bytes: number;
  files: number;
}

export interface StorageSpaceShape {
  level: FindingLevel;
  /** What is short and what to do; null when there is room. */
  message: string | null;
  disk_bytes: number;
  free_bytes: number;
  /** Below it requests that add data are refused: STORAGE_MIN_FREE_MB. */
  min_free_bytes: number;
  /** Of the data folder: STORAGE_MAX_MB. */
  max_bytes: number | null;
}

export interface StorageGrowthShape {
  since: string;
  bytes_per_day: number;
  /** null: it does not grow. */
  full_in_days: number | null;
}

/** What takes the space. Measured now and then: `measured_at` says when. */
export interface StorageUsageShape {
  /** null: it was never measured, and is being measured now. */
  measured_at: string | null;
  age_seconds: number | null;
  duration_ms: number | null;
  measuring: boolean;
  total_bytes: number | null;
  total_files: number | null;
  areas: StorageAreaShape[];
  /** Sessions that have files; GET /api/storage/usage/sessions names them. */
  sessions: number | null;
  /** Places that could not be looked into. */
  unreadable: number | null;
  space: StorageSpaceShape;
  /** null: it was not watched for an hour yet. */
  growth: StorageGrowthShape | null;
}

export interface SessionUsageShape {
  session_id: string;
  title: string | null;
  /** false: there is no such session in the database, so nobody will use its files again. */
  known: boolean;
  total_bytes: number;
  workspace_bytes: number;
  transcript_bytes: number;
  files: number;
  tasks: number;
  /** Those that are stored: the clean-up of logs sets the count of a task back with them. */
  events: number;
  last_activity_at: string | null;
}

/** `leftovers`: what an earlier clean-up had taken away and was killed before it had removed. */
export const CLEANUP_KINDS = ['workspaces', 'logs', 'cache', 'leftovers'] as const;
export type CleanupKind = (typeof CLEANUP_KINDS)[number];

export interface CleanupItemShape {
  kind: CleanupKind;
  /** The session, the task, or the path in the data folder. */
  name: string;
  bytes: number;
  last_used_at: string | null;
}

export interface CleanupTotalShape {
  kind: CleanupKind;
  /** What was used last before this goes; null: this kind is left alone. */
  older_than: string | null;
  count: number;
  bytes: number;
}

/** What a clean-up removed, or with `dry_run` would remove. */
export interface CleanupShape {
  dry_run: boolean;
  status: 'running' | 'done' | 'failed';
  trigger: 'manual' | 'schedule';
  started_at: string;
  ended_at: string | null;
  problem: string | null;
  totals: CleanupTotalShape[];
  /** The first of them; `totals` counts all. */
  items: CleanupItemShape[];
  /** Found old, and left alone: in use at that moment, a link, or not to be read. */
  skipped: number;
}
