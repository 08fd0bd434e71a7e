import { AppError } from '@app/contracts';
import type { Header } from 'tar-stream';
import { META } from './layout.js';

const LONGEST_PATH = 4096;
const LONGEST_PART = 255;
const MOST_ENTRIES = 20_000_000;
/** Of agents, skills and the like, whose names are remembered; a bomb of names must not fill the memory. */
const MOST_NAMES = 1_000_000;
/** On the disk an empty file takes a place too. */
const BLOCK = 4096;
/** What tar adds to an entry, with the header of a long path; and what may stand at the end of all. */
const AROUND = 16_384;
const SLACK = 64_000_000;

/** How much room there is for what is in the archive. */
export interface Room {
  bytes: number;
  entries: number;
}

/** Below these, users' own programs chose the names; elsewhere two that differ in case only are nobody's doing. */
const ANY_CASE = /^(workspaces|repositories|claude)\//;

/**
 * What an archive may hold, whoever made it: files and folders with plain relative paths. Counted as it is unpacked,
 * because what a header says about the whole may be a lie. Throws `ARCHIVE_UNSAFE_PATH`, `ARCHIVE_LINK` or
 * `ARCHIVE_TOO_LARGE`.
 */
export class EntryRules {
  private entries = 0;
  private bytes = 0;
  private unpacked = 0;
  private readonly seen = new Set<string>();

  constructor(private readonly room: Room) {}

  /** Called for all that comes out of the compression: a gigabyte of nothing is a kilobyte, and is no entry. */
  count(bytes: number): void {
    this.unpacked += bytes;
    if (this.unpacked > this.bytes + this.entries * AROUND + SLACK) throw tooLarge();
  }

  /** The path without the slash of a folder. */
  accept(header: Header): string {
    this.entries += 1;
    this.bytes += Math.ceil(header.size / BLOCK) * BLOCK;
    const most = Math.min(MOST_ENTRIES, this.room.entries);
    if (this.entries > most || this.bytes + this.entries * BLOCK > this.room.bytes) throw tooLarge();
    if (header.type !== 'file' && header.type !== 'directory') {
      throw new AppError('ARCHIVE_LINK', 'The archive holds a link or a device. That is no backup of ours.');
    }
    const path = header.name.replace(/\/$/, '');
    assertPlainPath(path);
    if (!ANY_CASE.test(path) && !path.startsWith(`${META}/`)) this.refuseTwins(path);
    return path;
  }

  private refuseTwins(path: string): void {
    const folded = path.normalize('NFC').toLowerCase();
    if (this.seen.has(folded)) {
      throw new AppError('ARCHIVE_UNSAFE_PATH', 'The archive holds two entries with the same name.');
    }
    if (this.seen.size >= MOST_NAMES) throw tooLarge();
    this.seen.add(folded);
  }
}

function tooLarge(): AppError {
  return new AppError(
    'ARCHIVE_TOO_LARGE',
    'What is in the archive does not fit on the disk of the data folder. Free some space, or use a larger volume.',
  );
}

export function assertPlainPath(path: string): void {
  const parts = path.split('/');
  const plain =
    path.length > 0 &&
    path.length <= LONGEST_PATH &&
    !/[\0\\]/.test(path) &&
    !/^[A-Za-z]:/.test(path) &&
    parts.every(
      (part) => part !== '' && part !== '.' && part !== '..' && Buffer.byteLength(part) <= LONGEST_PART,
    );
  if (!plain) {
    throw new AppError('ARCHIVE_UNSAFE_PATH', 'The archive holds a path that leads out of its folder.');
  }
}
