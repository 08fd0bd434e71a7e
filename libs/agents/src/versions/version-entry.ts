import { IsIn, IsInt, IsISO8601, IsOptional, IsString, Matches, Min } from 'class-validator';

/** How a version came to be. `found`: a person changed the folder; `built_in`: it came with the program. */
export const CHANGES = ['uploaded', 'edited', 'copied', 'restored', 'deleted', 'found', 'built_in'] as const;
export type Change = (typeof CHANGES)[number];

/** `user`: of /data/config; `program`: of /app. */
export const ORIGINS = ['user', 'program'] as const;
export type Origin = (typeof ORIGINS)[number];

/** One step in the history of an agent or a skill, as it is kept on the volume; never changed once it is written. */
export class VersionEntry {
  /** A UUIDv7: in the order of time. */
  @IsString()
  id: string;

  /** sha256 over the files; null when they were deleted. */
  @IsOptional()
  @Matches(/^[0-9a-f]{64}$/)
  digest: string | null;

  @IsIn(CHANGES)
  change: Change;

  @IsIn(ORIGINS)
  origin: Origin;

  @IsISO8601()
  at: string;

  /** The id of the key; null when it was nobody who has one. */
  @IsOptional()
  @IsString()
  by: string | null;

  @IsOptional()
  @IsString()
  note: string | null;

  @IsInt()
  @Min(0)
  files: number;

  @IsInt()
  @Min(0)
  bytes: number;
}
