import { getFileNameLowLevel, type Entry } from 'yauzl';
import { AppError } from '@app/contracts';

/** The part of Unix permissions in an archive that says what an entry is. */
const TYPE = 0o170000;
const REGULAR = 0o100000;
const FOLDER = 0o040000;
const EXECUTABLE = 0o100;
const MADE_ON_UNIX = 3;

export interface ArchiveEntry {
  /** Relative, with `/`; without the slash at the end of a folder. */
  path: string;
  isFolder: boolean;
  /** Null when the archive was made where files have no such permission. */
  executable: boolean | null;
}

/**
 * What an entry says it is. Throws `ARCHIVE_UNSAFE_PATH` for what would leave the folder on any operating system,
 * `ARCHIVE_LINK` for all that is neither file nor folder, and `ARCHIVE_INVALID`.
 */
export function describeEntry(entry: Entry): ArchiveEntry {
  const name = nameOf(entry);
  assertStaysInside(name);
  const mode = entry.externalFileAttributes >>> 16;
  const type = mode & TYPE;
  if (type !== 0 && type !== REGULAR && type !== FOLDER) {
    throw new AppError(
      'ARCHIVE_LINK',
      'The archive holds a symbolic link or a device. Put the files themselves into it.',
    );
  }
  const isFolder = name.endsWith('/');
  if (isFolder !== (type === FOLDER) && type !== 0) throw invalid('an entry is a file and a folder at once');
  if (!isFolder && !entry.canDecodeFileData()) {
    throw invalid('it is encrypted or packed with a method other than deflate');
  }
  const unix = entry.versionMadeBy >>> 8 === MADE_ON_UNIX;
  return {
    path: isFolder ? name.slice(0, -1) : name,
    isFolder,
    executable: unix && type !== 0 ? (mode & EXECUTABLE) !== 0 : null,
  };
}

/** A fault of the archive itself; `why` completes "The archive cannot be used: …". */
export function invalid(why: string, cause?: unknown): AppError {
  return new AppError('ARCHIVE_INVALID', `The archive cannot be used: ${why}. Make it again.`, { cause });
}

function nameOf({ generalPurposeBitFlag, fileNameRaw, extraFields }: Entry): string {
  const name = getFileNameLowLevel(generalPurposeBitFlag, fileNameRaw, extraFields, true);
  if (name.includes('\uFFFD')) throw invalid('a name in it is not UTF-8');
  return name;
}

/** The name is not repeated in the message: it may hold anything. */
function assertStaysInside(name: string): void {
  const unsafe =
    name === '' ||
    name.startsWith('/') ||
    /[\\\0]/.test(name) ||
    /^[A-Za-z]:/.test(name) ||
    name
      .replace(/\/$/, '')
      .split('/')
      .some((part) => part === '' || part === '.' || part === '..');
  if (!unsafe) return;
  throw new AppError(
    'ARCHIVE_UNSAFE_PATH',
    'A name in the archive would leave its folder: it is absolute, or has "..", an empty part or a backslash. Nothing was written.',
  );
}
