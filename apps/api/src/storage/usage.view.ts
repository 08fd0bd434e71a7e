import { ApiProperty } from '@nestjs/swagger';
import {
  FINDING_LEVELS,
  STORAGE_AREAS,
  type FindingLevel,
  type SessionUsageShape,
  type StorageArea,
  type StorageAreaShape,
  type StorageGrowthShape,
  type StorageSpaceShape,
  type StorageUsageShape,
} from '@app/contracts';

export class StorageAreaView implements StorageAreaShape {
  @ApiProperty({ enum: STORAGE_AREAS })
  area: StorageArea;

  /** As the disk holds them: a file of one byte takes a block. */
  bytes: number;
  files: number;
}

export class StorageSpaceView implements StorageSpaceShape {
  /** warn: little is left; fail: requests that add data are refused with 507. */
  @ApiProperty({ enum: FINDING_LEVELS })
  level: FindingLevel;

  message: string | null;
  disk_bytes: number;
  free_bytes: number;
  /** STORAGE_MIN_FREE_MB */
  min_free_bytes: number;
  /** STORAGE_MAX_MB */
  max_bytes: number | null;
}

export class StorageGrowthView implements StorageGrowthShape {
  since: string;
  bytes_per_day: number;
  /** null: it does not grow. */
  full_in_days: number | null;
}

export class StorageUsageView implements StorageUsageShape {
  /** null: it was never measured, and is being measured now. */
  measured_at: string | null;
  age_seconds: number | null;
  duration_ms: number | null;
  measuring: boolean;
  total_bytes: number | null;
  total_files: number | null;
  areas: StorageAreaView[];
  /** Sessions that have files. */
  sessions: number | null;
  /** Places that could not be looked into. */
  unreadable: number | null;
  space: StorageSpaceView;
  /** null: it was not watched for an hour yet. */
  growth: StorageGrowthView | null;
}

export class SessionUsageView implements SessionUsageShape {
  session_id: string;
  title: string | null;
  /** false: there is no such session in the database, so nobody will use its files again. */
  known: boolean;
  total_bytes: number;
  workspace_bytes: number;
  transcript_bytes: number;
  files: number;
  /** Rows of the database, as `events` are. */
  tasks: number;
  /** Those that are stored: the clean-up of logs sets the count of a task back with them. */
  events: number;
  last_activity_at: string | null;
}

export class SessionUsageListView {
  /** null: it was never measured. */
  measured_at: string | null;
  items: SessionUsageView[];
  next_cursor: string | null;
}
