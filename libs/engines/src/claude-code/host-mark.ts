import { readFileSync, readlinkSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Of the fields of /proc/<pid>/stat that come after the name: when the process started, in clock ticks since boot. */
const START_TIME = 19;

let own: string | null = null;

/**
 * Which process started a run: its id, its start time, because ids are given out again, and the space in which the id
 * counts, because a container has ids of its own. Several services of one machine may share a data folder, and each
 * must know the runs of the others from those that nobody owns any more.
 */
export function hostMark(): string {
  own ??= `${process.pid}:${startTimeIn(readOwnStat())}:${pidSpace()}`;
  return own;
}

/**
 * False when the process of a mark is gone for certain. One of another container cannot be looked up from here: that
 * is left to its own successor, or ends with the container. Where there is no /proc, no mark is ever looked up.
 */
export async function mayHostLive(mark: string): Promise<boolean> {
  const [pid, startedAt, space] = mark.split(':');
  if (!pid || !/^\d+$/.test(pid)) return false;
  if (space !== pidSpace()) return true;
  if (startedAt === '') return false;
  try {
    return startTimeIn(await readFile(`/proc/${pid}/stat`, 'utf8')) === startedAt;
  } catch (error) {
    // Too many open files, for instance, says nothing of that process.
    return !isGone(error);
  }
}

function isGone(error: unknown): boolean {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : null;
  return code === 'ENOENT' || code === 'ESRCH';
}

/** The number of the PID namespace, out of `pid:[4026531836]`. */
function pidSpace(): string {
  try {
    return /\d+/.exec(readlinkSync('/proc/self/ns/pid'))?.[0] ?? '';
  } catch {
    return '';
  }
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
