import type { PersistenceFinding } from '@app/contracts';
import type { StorageMark } from '@app/database';
import { fail, ok, warn } from './finding.js';
import type { StartMarker } from './marker.js';

/** Starts of several processes at once, and a crash between the two notes of a start. */
const TOLERANCE_MS = 300_000;
/** For so long a swap is told: it may have been meant. */
const TOLD_MS = 7 * 86_400_000;

/** `marks`: what the database knows of data folders; null: it could not be asked, or is not made yet. */
export function checkMarker(
  marker: StartMarker | 'damaged' | null,
  marks: readonly StorageMark[] | null,
  nowMs: number,
): PersistenceFinding {
  if (marker === 'damaged') {
    return warn(
      'marker',
      'MARKER_DAMAGED',
      'The marker of the last start is not readable.',
      'The next start writes it anew. Look whether other files of the data folder are damaged: claude-agent backup verify.',
    );
  }
  const latest = newest(marks ?? []);
  if (!marker) {
    if (!latest) return ok('marker', 'There is none yet: it is written at the first start.');
    return fail(
      'marker',
      'MARKER_GONE',
      `The marker of the start of ${latest.last_start} is gone: the data folder was emptied, or another one is mounted.`,
      'Mount the right volume, or restore a backup. Is it the right one and whole, then the next start writes the marker anew.',
    );
  }
  if (!marks)
    return ok('marker', `It stands since ${marker.last_start}; the database was not asked about it.`);
  const mine = marks.find(({ volume_id: id }) => id === marker.volume_id);
  if (!mine || Date.parse(mine.last_start) < Date.parse(marker.last_start) - TOLERANCE_MS) {
    return fail(
      'marker',
      'DATABASE_REPLACED',
      mine
        ? `The database knows of the start of ${mine.last_start}, and the data folder of that of ${marker.last_start}: it is an older copy.`
        : `The database knows nothing of this data folder, which was used last at ${marker.last_start}: it is a new or another one.`,
      'Let DATABASE_URL name the right database, and see that it is on a volume; or restore a backup.',
    );
  }
  if (Date.parse(mine.first_start) > Date.parse(marker.first_start) + TOLERANCE_MS) {
    return swapped(
      'DATABASE_REPLACED',
      `The database began at ${mine.first_start} and the data folder at ${marker.first_start}: what the database held before is gone.`,
      { sinceMs: Date.parse(mine.first_start), isFirst: mine.starts === 1, nowMs },
    );
  }
  const before = newest(marks.filter(({ volume_id: id }) => id !== marker.volume_id));
  if (before && Date.parse(before.last_start) > Date.parse(marker.first_start) - TOLD_MS) {
    return swapped(
      'DATA_FOLDER_REPLACED',
      `This data folder began at ${marker.first_start}; before it the database was used with another one, last at ${before.last_start}. Its agents, credentials and workspaces are not here.`,
      { sinceMs: Date.parse(marker.first_start), isFirst: marker.starts === 1, nowMs },
    );
  }
  return ok(
    'marker',
    marker.starts === 1
      ? `It was written at the first start, ${marker.first_start}; the next start shows whether it lasts.`
      : `It stands since ${marker.first_start}; ${marker.starts} starts have found it.`,
  );
}

function swapped(
  code: string,
  text: string,
  { sinceMs, isFirst, nowMs }: { sinceMs: number; isFirst: boolean; nowMs: number },
): PersistenceFinding {
  if (nowMs - sinceMs > TOLD_MS) return ok('marker', text);
  return (isFirst ? fail : warn)(
    'marker',
    code,
    text,
    'Mount the right volume, or restore a backup. Was it meant, then this line goes away after a week.',
  );
}

function newest(marks: readonly StorageMark[]): StorageMark | undefined {
  return [...marks].sort((one, other) => other.last_start.localeCompare(one.last_start))[0];
}
