import { Type } from 'class-transformer';
import { IsIn, IsInt, IsISO8601, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';
import { TASK_STATUSES, type TaskStatus } from '@app/contracts';
import { PageQueryDto } from '@app/database';
import type { TaskFilter } from './task-list.repository.js';

export class TaskQueryDto extends PageQueryDto implements TaskFilter {
  @IsOptional()
  @IsIn(TASK_STATUSES)
  status?: TaskStatus;

  @IsOptional()
  @Matches(/^[a-z0-9][a-z0-9-]{0,62}$/)
  agent?: string;

  @IsOptional()
  @Matches(/^[\w-]{1,64}$/)
  session_id?: string;

  @IsOptional()
  @Matches(/^[a-z_]{1,32}$/)
  source?: string;

  /**
   * Text the prompt contains; upper and lower case of A to Z are alike. Each page looks through 1,000 tasks at most, newest
   * first: go on with `next_cursor`.
   */
  @IsOptional()
  @IsString()
  @Length(1, 200)
  q?: string;

  /** Created at or after this instant, ISO-8601 in UTC. */
  @IsOptional()
  @IsISO8601()
  since?: string;
}

export class EventQueryDto {
  /** The events behind this seq. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  after_seq: number = 0;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(1000)
  limit: number = 200;
}

export class LogQueryDto {
  @IsIn(['text', 'ndjson'])
  format: 'text' | 'ndjson' = 'text';
}
