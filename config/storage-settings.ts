import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { IntegrationSettings } from './integration-settings.js';
import { wholeNumber } from './parse-values.js';
import { Setting } from './setting.js';

/** What is kept on the volume, for how long, and when it is full. */
export class StorageSettings extends IntegrationSettings {
  @Setting({
    env: 'BACKUP_EVERY_HOURS',
    doc: 'Makes a backup in `DATA_DIR/backups` when the newest is older than this. Copy them to another disk yourself.',
    shownDefault: 'none: no backup by itself',
    parse: wholeNumber,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(8760)
  backupEveryHours: number | null = null;

  @Setting({
    env: 'BACKUP_KEEP',
    doc: 'How many backups made by `BACKUP_EVERY_HOURS` are kept; those made by hand are never deleted.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(1)
  @Max(1000)
  backupKeep = 7;

  @Setting({
    env: 'STORAGE_WARN_FREE_MB',
    doc: 'Below so many free megabytes in `DATA_DIR` readiness, usage and doctor warn.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(0)
  @Max(1_000_000_000)
  storageWarnFreeMb = 1000;

  @Setting({
    env: 'STORAGE_MIN_FREE_MB',
    doc: 'Below so many free megabytes in `DATA_DIR` requests that add data are refused with 507 `STORAGE_FULL`. What is there can still be read, cancelled and deleted.',
    parse: wholeNumber,
  })
  @IsInt()
  @Min(0)
  @Max(1_000_000_000)
  storageMinFreeMb = 100;

  @Setting({
    env: 'STORAGE_MAX_MB',
    doc: 'How many megabytes all of `DATA_DIR` may take, as it was measured last. From nine tenths on readiness, usage and doctor warn; above it requests that add data are refused with 507 `STORAGE_FULL`.',
    shownDefault: 'none: as much as the disk has',
    parse: wholeNumber,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(1_000_000_000)
  storageMaxMb: number | null = null;

  @Setting({
    env: 'WORKSPACE_RETENTION_DAYS',
    doc: 'Once a day removes the workspaces of sessions in which nothing has happened for so many days and no task waits or runs. The session stays; its next task begins with an empty folder.',
    shownDefault: 'none: they are kept',
    parse: wholeNumber,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(36_500)
  workspaceRetentionDays: number | null = null;

  @Setting({
    env: 'LOG_RETENTION_DAYS',
    doc: 'Once a day removes the events of tasks that ended so many days ago. The tasks stay, with their results and costs.',
    shownDefault: 'none: they are kept',
    parse: wholeNumber,
  })
  @IsOptional()
  @IsInt()
  @Min(1)
  @Max(36_500)
  logRetentionDays: number | null = null;

  @Setting({
    env: 'CACHE_RETENTION_DAYS',
    doc: 'Once a day removes temporary files of Claude Code that are so many days old; at least 8, which is longer than a task can run.',
    shownDefault: 'none: they are kept',
    parse: wholeNumber,
  })
  @IsOptional()
  @IsInt()
  @Min(8)
  @Max(36_500)
  cacheRetentionDays: number | null = null;
}
