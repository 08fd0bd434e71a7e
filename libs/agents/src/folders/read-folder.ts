import { constants } from 'node:fs';
import { open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodeOf } from '@app/storage';
import type { Finding, FindingCode } from './finding.js';
import type { FolderContent, FolderFile } from './folder-files.js';
import { MAX_FILE_BYTES, MAX_FILES, MAX_FOLDER_DEPTH, MAX_TOTAL_BYTES } from './limits.js';

export interface ReadOptions {
  /** Reads only the Markdown files directly in the folder. */
  flat?: boolean;
}

const ATTEMPTS = 5;

/**
 * Reads a folder into memory as one version: when it is replaced meanwhile it is read again, so nobody sees half of
 * one upload and half of the next. Symbolic links are not followed. A folder that is missing has no files.
 */
export async function readFolder(folder: string, options: ReadOptions = {}): Promise<FolderContent> {
  for (let attempt = 1; ; attempt++) {
    const before = await identityOf(folder);
    const reading = new Reading(folder, options);
    try {
      await reading.read('', 0);
      if (before === (await identityOf(folder)) || attempt >= ATTEMPTS) return reading;
    } catch (error) {
      const gone = errorCodeOf(error) === 'ENOENT' && before !== (await identityOf(folder));
      if (!gone || attempt >= ATTEMPTS) throw error;
    }
  }
}

/** Changes when a folder is replaced: by inode, and by ctime because inode numbers are used again. */
async function identityOf(folder: string): Promise<string> {
  try {
    const { ino, ctimeNs } = await stat(folder, { bigint: true });
    return `${ino}:${ctimeNs}`;
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return 'missing';
    throw error;
  }
}

class Reading implements FolderContent {
  readonly files = new Map<string, FolderFile>();
  readonly findings: Finding[] = [];
  private bytes = 0;
  private full = false;

  constructor(
    private readonly root: string,
    private readonly options: ReadOptions,
  ) {}

  async read(below: string, depth: number): Promise<void> {
    for (const entry of await entriesOf(join(this.root, below))) {
      if (this.full) return;
      // They belong to Git, editors and the operating system.
      if (entry.name.startsWith('.')) continue;
      const path = below === '' ? entry.name : `${below}/${entry.name}`;
      if (this.options.flat) {
        if (entry.isFile() && entry.name.endsWith('.md')) await this.readFile(path);
      } else if (entry.isDirectory()) {
        if (depth >= MAX_FOLDER_DEPTH) this.stop(path, `is nested deeper than ${MAX_FOLDER_DEPTH} folders`);
        else await this.read(path, depth + 1);
      } else if (entry.isFile()) await this.readFile(path);
      else this.find('NOT_A_FILE', path, 'is not a regular file; symbolic links are not followed');
    }
  }

  private async readFile(path: string): Promise<void> {
    if (this.files.size >= MAX_FILES) return this.stop('files', `there are more than ${MAX_FILES}`);
    // NOFOLLOW: between the listing and this call the file may have become a link.
    const handle = await open(join(this.root, path), constants.O_RDONLY | constants.O_NOFOLLOW);
    try {
      const { size, mode } = await handle.stat();
      if (size > MAX_FILE_BYTES) return this.find('TOO_LARGE', path, 'is over 1 MB');
      this.bytes += size;
      if (this.bytes > MAX_TOTAL_BYTES) return this.stop('files', 'are over 16 MB together');
      this.files.set(path, { content: await handle.readFile(), executable: (mode & 0o100) !== 0 });
    } finally {
      await handle.close();
    }
  }

  private stop(field: string, message: string): void {
    this.full = true;
    this.find('TOO_LARGE', field, message);
  }

  private find(code: FindingCode, path: string, message: string): void {
    this.findings.push({ code, field: path, message, ...(path === 'files' ? {} : { file: path }) });
  }
}

async function entriesOf(folder: string) {
  try {
    const entries = await readdir(folder, { withFileTypes: true });
    return entries.sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}
