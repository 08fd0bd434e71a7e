import { AppError } from '@app/contracts';
import type { Header } from 'tar-stream';
import { META } from './layout.js';

const LONGEST_PATH = 4096;
const LONGEST_PART = 255;
const MOST_ENTRIES = 20_000_000;

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
  private readonly seen = new Map<string, string>();

  /** `mostBytes`: how much room there is. */
  constructor(private readonly mostBytes: number) {}

  /** The path without the slash of a folder. */
  accept(header: Header): string {
    this.entries += 1;
    this.bytes += header.size;
    if (this.entries > MOST_ENTRIES || this.bytes > this.mostBytes) {
      throw new AppError(
        'ARCHIVE_TOO_LARGE',
        'What is in the archive does not fit on the disk of the data folder. Free some space, or use a larger volume.',
      );
    }
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
    const other = this.seen.get(folded);
    if (other !== undefined) {
      throw new AppError('ARCHIVE_UNSAFE_PATH', 'The archive holds two entries with the same name.');
    }
    this.seen.set(folded, path);
  }
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
