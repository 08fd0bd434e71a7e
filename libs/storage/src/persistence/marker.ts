import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { IsInt, IsISO8601, Matches, Min } from 'class-validator';
import type { Paths } from '@app/paths';
import { parseStored } from '../parse-stored.js';
import { readTextIfThere } from '../read-text.js';
import { writeAndRename } from '../write-file-atomic.js';

/**
 * Test 2 of the debugging chapter, made at each start: a file in the data folder, and a row about it in the
 * database. Whichever of the two was swapped, emptied or taken from an older copy no longer agrees with the other.
 */
export class StartMarker {
  @Matches(/^[0-9a-f-]{36}$/)
  volume_id: string;

  @IsISO8601()
  first_start: string;

  @IsISO8601()
  last_start: string;

  @IsInt()
  @Min(1)
  starts: number;
}

const MARKER = '.marker.json';

/** `damaged`: something is there that is no marker. */
export async function readMarker(paths: Paths): Promise<StartMarker | 'damaged' | null> {
  const text = await readTextIfThere(join(paths.data, MARKER));
  return text === null ? null : (parseStored(StartMarker, text) ?? 'damaged');
}

/** The row first: a crash between the two leaves the row ahead, which means nothing. */
export async function noteStart(
  paths: Paths,
  storeRow: (volumeId: string, now: string) => Promise<void>,
  now = new Date().toISOString(),
): Promise<void> {
  const found = await readMarker(paths);
  const known = found === 'damaged' ? null : found;
  const marker: StartMarker = {
    volume_id: known?.volume_id ?? randomUUID(),
    first_start: known?.first_start ?? now,
    last_start: now,
    starts: (known?.starts ?? 0) + 1,
  };
  await storeRow(marker.volume_id, now);
  await writeAndRename(join(paths.data, MARKER), `${JSON.stringify(marker)}\n`, { mode: 0o600 });
}
