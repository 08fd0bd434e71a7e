import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Of the fields of /proc/<pid>/stat that come after the name: when the process started, in clock ticks since boot. */
const START_TIME = 19;

let own: string | null = null;

/**
 * Which process started a run: its id and its start time, because ids are given out again. Several services of one
 * machine may share a data folder, and each must know the runs of the others from those that nobody owns any more.
 */
export function hostMark(): string {
  own ??= `${process.pid}:${startTimeIn(readOwnStat())}`;
  return own;
}

/** Whether the process of a mark still runs. Where there is no /proc, no mark is ever looked up. */
export async function hostLives(mark: string): Promise<boolean> {
  const [pid, startedAt] = mark.split(':');
  if (!pid || !/^\d+$/.test(pid)) return false;
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  return startedAt !== '' && startTimeIn(stat) === startedAt;
}

function readOwnStat(): string {
  try {
    return readFileSync('/proc/self/stat', 'utf8');
  } catch {
    return '';
  }
}

/** The name stands in parentheses and may hold anything, so that counting begins behind the last of them. */
function startTimeIn(stat: string): string {
  return (
    stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .at(START_TIME) ?? ''
  );
}
