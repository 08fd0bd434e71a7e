import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { appendFile, rm, writeFile } from 'node:fs/promises';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { extract, type Header } from 'tar-stream';
import { AppError } from '@app/contracts';
import { parseStored } from '../parse-stored.js';
import { EntryRules, type Room } from './entry-rules.js';
import { ABOUT, AboutBackup, MANIFEST, type BackupTotals } from './layout.js';
import { compareManifest } from './manifest.js';

const LONGEST_ABOUT = 64 * 1024;
const LINES_AT_ONCE = 500;

type Entry = AsyncIterable<unknown> & { readonly header: Header; resume(): unknown };

/** Where the entries of an archive go. Every content must be read to its end. */
export interface ArchiveSink {
  about(about: AboutBackup): Promise<void>;
  folder(path: string, mode: number): Promise<void>;
  file(path: string, entry: { mode: number; mtime: Date }, content: AsyncIterable<Buffer>): Promise<void>;
}

export interface ReadOptions {
  /** A file for the list of what was found; it is removed at the end. */
  draft: string;
  room: Room;
  signal?: AbortSignal;
}

/**
 * Reads a backup to its end and compares every entry with the manifest; only then it may be trusted. Memory is
 * bounded. Throws `BACKUP_INVALID` for what is damaged, cut off or not a backup, and what `EntryRules` throws.
 */
export async function readArchive(
  archive: string,
  sink: ArchiveSink,
  { draft, room, signal }: ReadOptions,
): Promise<{ about: AboutBackup; totals: BackupTotals }> {
  const rules = new EntryRules(room);
  const reading = new Reading(sink, rules, draft);
  const tar = extract();
  await writeFile(draft, '', { mode: 0o600 });
  const file = createReadStream(archive);
  try {
    const unpacked = pipeline(
      file,
      createGunzip(),
      (chunks: AsyncIterable<Buffer>) => counted(chunks, rules),
      tar,
      { signal },
    );
    unpacked.catch(() => undefined);
    for await (const entry of tar) await reading.take(entry);
    await unpacked;
    return reading.result();
  } catch (error) {
    throw error instanceof AppError || isOurs(error) ? error : damaged(error);
  } finally {
    file.destroy();
    tar.destroy();
    await rm(draft, { force: true });
  }
}

/** The first entry alone. Throws `BACKUP_INVALID`. */
export async function readAbout(archive: string): Promise<AboutBackup> {
  const tar = extract();
  const file = createReadStream(archive);
  try {
    pipeline(file, createGunzip(), tar).catch(() => undefined);
    for await (const entry of tar) return await aboutIn(entry);
    throw foreign();
  } catch (error) {
    throw error instanceof AppError ? error : damaged(error);
  } finally {
    file.destroy();
    tar.destroy();
  }
}

class Reading {
  private about: AboutBackup | null = null;
  private totals: BackupTotals | null = null;
  private lines: string[] = [];

  constructor(
    private readonly sink: ArchiveSink,
    private readonly rules: EntryRules,
    private readonly draft: string,
  ) {}

  async take(entry: Entry): Promise<void> {
    const { header } = entry;
    const path = this.rules.accept(header);
    if (this.totals) throw invalid('Something follows after its end.');
    if (!this.about) {
      this.about = await aboutIn(entry, (content) => this.note(path, content));
      await this.sink.about(this.about);
    } else if (path === MANIFEST) {
      await this.flush();
      this.totals = await compareManifest(bytesOf(entry), this.draft);
    } else if (header.type === 'directory') {
      entry.resume();
      await this.sink.folder(path, header.mode);
    } else {
      const digest = createHash('sha256');
      let size = 0;
      const tappedContent = tapped(entry, (chunk) => {
        digest.update(chunk);
        size += chunk.length;
      });
      await this.sink.file(path, { mode: header.mode, mtime: header.mtime }, tappedContent);
      if (size !== header.size) throw invalid('It is cut off.');
      await this.line(path, size, digest.digest('hex'));
    }
  }

  result(): { about: AboutBackup; totals: BackupTotals } {
    if (!this.about || !this.totals) throw invalid('It is cut off before its manifest.');
    return { about: this.about, totals: this.totals };
  }

  private note(path: string, content: Buffer): Promise<void> {
    return this.line(path, content.length, createHash('sha256').update(content).digest('hex'));
  }

  private async line(path: string, size: number, sha256: string): Promise<void> {
    this.lines.push(JSON.stringify({ path, size, sha256 }));
    if (this.lines.length >= LINES_AT_ONCE) await this.flush();
  }

  private async flush(): Promise<void> {
    await appendFile(this.draft, this.lines.map((line) => `${line}\n`).join(''));
    this.lines = [];
  }
}

async function aboutIn(entry: Entry, note?: (content: Buffer) => Promise<void>): Promise<AboutBackup> {
  const { name, size, type } = entry.header;
  if (name !== ABOUT || type !== 'file' || size > LONGEST_ABOUT) throw foreign();
  const chunks: Buffer[] = [];
  for await (const chunk of bytesOf(entry)) chunks.push(chunk);
  const content = Buffer.concat(chunks);
  const about = parseStored(AboutBackup, content.toString());
  if (!about) throw foreign();
  await note?.(content);
  return about;
}

async function* counted(chunks: AsyncIterable<Buffer>, rules: EntryRules): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    rules.count(chunk.length);
    yield chunk;
  }
}

async function* tapped(entry: Entry, tap: (chunk: Buffer) => void): AsyncGenerator<Buffer> {
  for await (const chunk of bytesOf(entry)) {
    tap(chunk);
    yield chunk;
  }
}

async function* bytesOf(entry: Entry): AsyncGenerator<Buffer> {
  for await (const chunk of entry) if (Buffer.isBuffer(chunk)) yield chunk;
}

export function invalid(problem: string): AppError {
  return new AppError('BACKUP_INVALID', `The backup cannot be used. ${problem} Use another one.`);
}

const foreign = (): AppError =>
  invalid('It is not a backup of this service, or of a version that this one does not know.');

/** Of a gzip or tar that does not hold together there is nothing more to tell. */
function damaged(cause: unknown): AppError {
  return new AppError(
    'BACKUP_INVALID',
    'The backup cannot be used. It is damaged or cut off. Use another one.',
    {
      cause,
    },
  );
}

/** What the disk or the database of this machine refused is not the archive's fault. */
function isOurs(error: unknown): boolean {
  if (typeof error !== 'object' || error === null) return false;
  if ('syscall' in error || 'driverError' in error) return true;
  return error instanceof Error && error.name === 'AbortError';
}
