import {
  IsBoolean,
  IsInt,
  IsObject,
  IsOptional,
  IsString,
  Matches,
  Max,
  MaxLength,
  Min,
  validateSync,
} from 'class-validator';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { plainToInstance } from 'class-transformer';
import { AppError } from '@app/contracts';

const ID = /^[\w-]{1,64}$/;
const MAX_SEQ = 2_147_483_647;

export class WatchSessionDto {
  @Matches(ID) session_id: string;
  @IsOptional() @IsObject() after?: Record<string, unknown>;
}

export class WatchTaskDto {
  @Matches(ID) task_id: string;
  @IsOptional() @IsInt() @Min(0) @Max(MAX_SEQ) after_seq?: number;
}

export class UnwatchDto {
  @IsOptional() @Matches(ID) session_id?: string;
  @IsOptional() @Matches(ID) task_id?: string;
  @IsOptional() @IsBoolean() feed?: boolean;
}

export class InputDto {
  @Matches(ID) task_id: string;
  @IsString() @MaxLength(100_000) @Matches(/\S/) text: string;
}

export class StopDto {
  @Matches(ID) task_id: string;
}

export class EmptyDto {}

export class StreamQueryDto {
  /** The events behind this seq; the header Last-Event-ID wins. */
  @ApiPropertyOptional({ type: 'integer', minimum: 0 })
  @IsOptional()
  @IsString()
  after_seq?: string;
}

/** What came over the socket as a checked object. Throws VALIDATION_FAILED, or BAD_CURSOR for a bad place. */
export function parseRequest<T extends object>(shape: new () => T, payload: unknown): T {
  const plain = typeof payload === 'object' && payload !== null && !Array.isArray(payload) ? payload : {};
  const request = plainToInstance(shape, { ...plain });
  const problems = validateSync(request, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: false,
  });
  const [first] = problems;
  if (!first) return request;
  if (first.property === 'after_seq') throw badCursor();
  throw new AppError(
    'VALIDATION_FAILED',
    Object.values(first.constraints ?? {}).join(', ') || `${first.property} is wrong`,
  );
}

/** The places by task. Throws BAD_CURSOR. */
export function parseAfter(after: Record<string, unknown> = {}): Map<string, number> {
  return new Map(
    Object.entries(after).map(([taskId, seq]) => {
      if (!ID.test(taskId) || typeof seq !== 'number') throw badCursor();
      return [taskId, checkPlace(seq)];
    }),
  );
}

/** A place as text, of a header or a query. Throws BAD_CURSOR. */
export function parsePlace(text: string): number {
  if (!/^\d{1,10}$/.test(text)) throw badCursor();
  return checkPlace(Number(text));
}

function checkPlace(seq: number): number {
  if (!Number.isInteger(seq) || seq < 0 || seq > MAX_SEQ) throw badCursor();
  return seq;
}

function badCursor(): AppError {
  return new AppError('BAD_CURSOR', 'A place in the log is a whole number from 0; 0 means from the start.');
}
