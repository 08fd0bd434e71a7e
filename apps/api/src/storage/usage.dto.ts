import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsInt, IsOptional, Matches, Max, Min } from 'class-validator';

export class UsageQueryDto {
  /** Measure again, unless that was done within the last ten seconds; the answer may still be the older one. */
  @IsOptional()
  @Transform(({ value }: { value: unknown }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  refresh?: boolean;
}

export class SessionUsageQueryDto {
  /** How many items, 1 to 200. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  /** `next_cursor` of the page before. */
  @IsOptional()
  @Matches(/^\d{1,18}\.[\w-]{1,64}$/)
  cursor?: string;
}
