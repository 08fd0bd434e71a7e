import { IsBoolean, IsInt, IsOptional, Max, Min } from 'class-validator';

const MOST_DAYS = 36_500;

/** Days that are not given are those of the settings; without either, that kind is left alone. */
export class CleanupDto {
  /** Only tells what would go, and how much. */
  @IsOptional()
  @IsBoolean()
  dry_run?: boolean;

  /** In place of WORKSPACE_RETENTION_DAYS. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_DAYS)
  workspace_days?: number;

  /** In place of LOG_RETENTION_DAYS. */
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(MOST_DAYS)
  log_days?: number;

  /** In place of CACHE_RETENTION_DAYS. */
  @IsOptional()
  @IsInt()
  @Min(8)
  @Max(MOST_DAYS)
  cache_days?: number;
}
