import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import { AppError } from '@app/contracts';

/** Lists are newest first; a cursor names the last row that was seen, so rows that come meanwhile shift nothing. */
export interface PageRequest {
  limit: number;
  cursor?: string;
}

export interface Page<T> {
  items: T[];
  /** null: there is nothing older. */
  next_cursor: string | null;
}

/** `?limit=&cursor=` of every list. */
export class PageQueryDto implements PageRequest {
  /** How many items, 1 to 200. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(200)
  limit: number = 50;

  /** `next_cursor` of the page before. */
  @IsOptional()
  @IsString()
  @MaxLength(300)
  cursor?: string;
}

/** Orders the query newest first and starts it behind the cursor. Asks for one row more, to know if there are more. */
export function after<T extends ObjectLiteral>(
  query: SelectQueryBuilder<T>,
  alias: string,
  idColumn: string,
  request: PageRequest,
): void {
  query
    .orderBy(`${alias}.created_at`, 'DESC')
    .addOrderBy(`${alias}.${idColumn}`, 'DESC')
    .take(request.limit + 1);
  if (request.cursor === undefined) return;
  const [at, id] = placeOf(request.cursor);
  query.andWhere(`(${alias}.created_at, ${alias}.${idColumn}) < (:cursorAt, :cursorId)`, {
    cursorAt: at,
    cursorId: id,
  });
}

/** Cuts the extra row off and makes the cursor. */
export function page<T>(rows: T[], limit: number, keyOf: (row: T) => Place): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  const more = rows.length > limit && last !== undefined;
  return { items, next_cursor: more ? cursorOf(keyOf(last)) : null };
}

/** Where a row stands in a list: the instant it was made, then its id. */
export type Place = [at: string, id: string];

export function cursorOf(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

/** Throws BAD_CURSOR. */
export function placeOf(cursor: string): Place {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (Array.isArray(value) && typeof value[0] === 'string' && typeof value[1] === 'string')
      return [value[0], value[1]];
  } catch {
    // falls through to the refusal
  }
  throw new AppError('BAD_CURSOR', 'The cursor is not one that this list gave. Start again without it.');
}
