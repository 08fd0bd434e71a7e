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
}
