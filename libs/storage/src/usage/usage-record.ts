import { Type } from 'class-transformer';
import { ArrayMaxSize, IsArray, IsInt, IsISO8601, ValidateNested } from 'class-validator';
import { joinPath, type Paths } from '@app/paths';
import { ensureFolder } from '../ensure-folder.js';
import { parseStored } from '../parse-stored.js';
import { readTextIfThere } from '../read-text.js';
import { writeAndRename } from '../write-file-atomic.js';

/** How much there was at an instant. */
export class UsagePoint {
  @IsISO8601()
  at: string;

  @IsInt()
  bytes: number;
}

class UsageRecord {
  @IsArray()
  @ArrayMaxSize(1000)
  @ValidateNested({ each: true })
  @Type(() => UsagePoint)
  points: UsagePoint[];
}

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** A point for every six hours of a quarter of a year. */
const POINT_EVERY_MS = 6 * HOUR_MS;
const MOST_POINTS = 360;
/** Growth is told over the last week. */
const WINDOW_MS = 7 * DAY_MS;

const fileOf = (paths: Paths) => joinPath(paths.cache, 'storage-usage.json');

export async function readPoints(paths: Paths): Promise<UsagePoint[]> {
  const text = await readTextIfThere(fileOf(paths));
  return (text === null ? null : parseStored(UsageRecord, text))?.points ?? [];
}

/** Kept beside what can be made again: its loss costs the growth of a week. */
export async function writePoints(paths: Paths, points: readonly UsagePoint[]): Promise<void> {
  await ensureFolder(paths.cache);
  await writeAndRename(fileOf(paths), `${JSON.stringify({ points })}\n`, { mode: 0o600 });
}

/** With the new point when the last is old enough, otherwise as they are. */
export function withPoint(points: readonly UsagePoint[], point: UsagePoint): readonly UsagePoint[] {
  const last = points.at(-1);
  if (last && Date.parse(point.at) - Date.parse(last.at) < POINT_EVERY_MS) return points;
  return [...points, point].slice(-MOST_POINTS);
}

export interface Growth {
  since: string;
  bytesPerDay: number;
}

/** Null until there is a point that is an hour old. */
export function growthOf(points: readonly UsagePoint[], now: UsagePoint): Growth | null {
  const nowMs = Date.parse(now.at);
  const first = points.find(({ at }) => nowMs - Date.parse(at) <= WINDOW_MS);
  if (!first) return null;
  const tookMs = nowMs - Date.parse(first.at);
  if (tookMs < HOUR_MS) return null;
  return { since: first.at, bytesPerDay: Math.round((now.bytes - first.bytes) / (tookMs / DAY_MS)) };
}
