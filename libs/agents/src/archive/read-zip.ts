import { crc32 } from 'node:zlib';
import { fromBufferPromise, type Entry, type ZipFile } from 'yauzl';
import { AppError } from '@app/contracts';
import type { FolderFile, FolderFiles } from '../folders/folder-files.js';
import {
  MAX_ARCHIVE_BYTES,
  MAX_ARCHIVE_ENTRIES,
  MAX_FILE_BYTES,
  MAX_FILES,
  MAX_TOTAL_BYTES,
} from '../folders/limits.js';
import { describeEntry, invalid } from './archive-entry.js';

/**
 * Reads a zip archive that anybody may have made. Nothing touches the disk, and memory is bounded: bytes are counted
 * while they are unpacked, whatever the archive says of itself. Of permissions only "executable" is kept.
 * Throws `ARCHIVE_TOO_LARGE`, `ARCHIVE_UNSAFE_PATH`, `ARCHIVE_LINK` or `ARCHIVE_INVALID`.
 */
export async function readZip(archive: Buffer): Promise<FolderFiles> {
  if (archive.length > MAX_ARCHIVE_BYTES) throw tooLarge('it is over 17 MB');
  try {
    const zip = await fromBufferPromise(archive, { decodeStrings: false, validateEntrySizes: true });
    if (zip.entryCount > MAX_ARCHIVE_ENTRIES) throw tooLarge(`it has over ${MAX_ARCHIVE_ENTRIES} entries`);
    const reading = new Reading(zip);
    for await (const entry of zip.eachEntry()) await reading.take(entry);
    return reading.files;
  } catch (error) {
    if (error instanceof AppError) throw error;
    // Whatever the reader or zlib stumbled over, the archive is not what it should be.
    throw invalid('it is damaged, or it is no zip archive', error);
  }
}

class Reading {
  readonly files = new Map<string, FolderFile>();
  /** By the path in lower case: what would be one place on some file systems. */
  private readonly places = new Map<string, { path: string; isFolder: boolean }>();
  private bytes = 0;

  constructor(private readonly zip: ZipFile) {}

  async take(entry: Entry): Promise<void> {
    const { path, isFolder, executable } = describeEntry(entry);
    this.claim(path, isFolder);
    if (isFolder) return;
    if (this.files.size >= MAX_FILES) throw tooLarge(`it has over ${MAX_FILES} files`);
    if (entry.uncompressedSize > MAX_FILE_BYTES) throw tooLarge('a file in it is over 1 MB');
    const content = await this.unpack(entry);
    if (crc32(content) !== entry.crc32) throw invalid('a file in it is damaged');
    this.files.set(path, { content, executable: executable ?? content.subarray(0, 2).equals(SHEBANG) });
  }

  private async unpack(entry: Entry): Promise<Buffer> {
    const chunks: Buffer[] = [];
    let size = 0;
    const stream = await this.zip.openReadStreamPromise(entry);
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      size += chunk.length;
      this.bytes += chunk.length;
      if (size > MAX_FILE_BYTES) throw tooLarge('a file in it is over 1 MB');
      if (this.bytes > MAX_TOTAL_BYTES) throw tooLarge('its files are over 16 MB together');
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  }

  /** Each place once, and the folders above a file are folders. */
  private claim(path: string, isFolder: boolean): void {
    const parts = path.split('/');
    parts.forEach((_part, index) => {
      const last = index === parts.length - 1;
      const place = { path: parts.slice(0, index + 1).join('/'), isFolder: !last || isFolder };
      const known = this.places.get(place.path.toLowerCase());
      if (!known) this.places.set(place.path.toLowerCase(), place);
      else if (known.path !== place.path)
        throw invalid('two names in it differ in upper and lower case only');
      else if (!known.isFolder || !place.isFolder) throw invalid('a name is in it twice');
    });
  }
}

const SHEBANG = Buffer.from('#!');

function tooLarge(why: string): AppError {
  return new AppError('ARCHIVE_TOO_LARGE', `The archive is too large: ${why}.`);
}
