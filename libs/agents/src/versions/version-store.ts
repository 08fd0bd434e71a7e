import { readdir, readFile, stat } from 'node:fs/promises';
import { Injectable, Logger } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { joinPath, Paths, type DataPath } from '@app/paths';
import { DataFiles, errorCodeOf, parseStored, readTextIfThere } from '@app/storage';
import { readZip } from '../archive/read-zip.js';
import { zipBytes } from '../archive/write-zip.js';
import { digestFiles } from '../folders/digest-files.js';
import type { FolderFiles } from '../folders/folder-files.js';
import type { Kind } from '../folders/kind.js';
import { VersionEntry } from './version-entry.js';

const DAY_MS = 86_400_000;
const FINISHED = '.json';
const PENDING = '.pending.json';
const CONTENT = '.zip';
const USED = '.used';

/**
 * The versions on the volume, in `/data/registry/versions/agents/<name>/` and `…/skills/<name>/`:
 *   <digest>.zip       the files, once for each content
 *   <id>.json          a step of the history
 *   <id>.pending.json  a step that is about to happen: a crash leaves it, and `VersionHistory` finds out whether it did
 *   <digest>.used      touched when a run begins with this version
 * Each file is written whole and on its own, so processes that share the volume cannot undo each other's steps.
 */
@Injectable()
export class VersionStore {
  private readonly logger = new Logger(VersionStore.name);

  constructor(
    private readonly paths: Paths,
    private readonly files: DataFiles,
  ) {}

  /** Names that have a history, whether there still is a folder or not. */
  async names(kind: Kind): Promise<string[]> {
    return list(joinPath(this.paths.registry, 'versions', kind));
  }

  /** The oldest first. */
  async finished(kind: Kind, name: string): Promise<VersionEntry[]> {
    return this.readAll(kind, name, await this.finishedFiles(kind, name));
  }

  /** Without reading any of them. */
  async countFinished(kind: Kind, name: string): Promise<number> {
    return (await this.finishedFiles(kind, name)).length;
  }

  /** Steps of which it is not known whether they happened; the oldest first. */
  async pending(kind: Kind, name: string): Promise<VersionEntry[]> {
    const names = await list(this.place(kind, name));
    return this.readAll(
      kind,
      name,
      names.filter((file) => file.endsWith(PENDING)),
    );
  }

  /** Keeps the files and announces the step. */
  async announce(kind: Kind, name: string, entry: VersionEntry, files: FolderFiles | null): Promise<void> {
    await this.keep(kind, name, entry, files);
    await this.write(kind, name, `${entry.id}${PENDING}`, entry);
  }

  /** The step happened. */
  async finish(kind: Kind, name: string, entry: VersionEntry): Promise<void> {
    await this.write(kind, name, `${entry.id}${FINISHED}`, entry);
    await this.forget(kind, name, entry);
  }

  /** The step did not happen, or is kept already. */
  async forget(kind: Kind, name: string, entry: VersionEntry): Promise<void> {
    await this.files.removeFile(this.place(kind, name, `${entry.id}${PENDING}`));
  }

  /** A step that lies behind us already. */
  async add(kind: Kind, name: string, entry: VersionEntry, files: FolderFiles | null): Promise<void> {
    await this.keep(kind, name, entry, files);
    await this.write(kind, name, `${entry.id}${FINISHED}`, entry);
  }

  /** Null when no version has this digest. Throws `VERSION_DAMAGED` when the files are not what they were. */
  async content(kind: Kind, name: string, digest: string): Promise<FolderFiles | null> {
    const archive = await readIfThere(this.place(kind, name, `${digest}${CONTENT}`));
    if (!archive) return null;
    const files = await readZip(archive).catch((error: unknown) => {
      throw damaged(error);
    });
    if (digestFiles(files) !== digest) throw damaged(null);
    return files;
  }

  /** Once a day is enough: it keeps the version from being tidied away for months. */
  async markUsed(kind: Kind, name: string, digest: string): Promise<void> {
    const mark = this.place(kind, name, `${digest}${USED}`);
    if ((await ageMs(mark)) > DAY_MS) await this.files.writeFileAtomic(mark, '', { mode: 0o644 });
  }

  async usedWithin(kind: Kind, name: string, digest: string, days: number): Promise<boolean> {
    return (await ageMs(this.place(kind, name, `${digest}${USED}`))) < days * DAY_MS;
  }

  /** Removes a step, and its files when no other step has them. */
  async remove(
    kind: Kind,
    name: string,
    entry: VersionEntry,
    others: readonly VersionEntry[],
  ): Promise<void> {
    await this.files.removeFile(this.place(kind, name, `${entry.id}${FINISHED}`));
    if (entry.digest === null || others.some(({ digest }) => digest === entry.digest)) return;
    await this.files.removeFile(this.place(kind, name, `${entry.digest}${CONTENT}`));
    await this.files.removeFile(this.place(kind, name, `${entry.digest}${USED}`));
  }

  /** After a crash: half-written files go. */
  async recover(kind: Kind, name: string): Promise<void> {
    await this.files.recover(this.place(kind, name));
  }

  private async finishedFiles(kind: Kind, name: string): Promise<string[]> {
    const files = await list(this.place(kind, name));
    return files.filter((file) => file.endsWith(FINISHED) && !file.endsWith(PENDING));
  }

  private place(kind: Kind, name: string, ...file: string[]): DataPath {
    return joinPath(this.paths.registry, 'versions', kind, name, ...file);
  }

  private async keep(kind: Kind, name: string, { digest }: VersionEntry, files: FolderFiles | null) {
    if (digest === null || files === null) return;
    // Also when it is there: the same name has the same content, unless it was damaged.
    const place = this.place(kind, name, `${digest}${CONTENT}`);
    await this.files.writeFileAtomic(place, await zipBytes(files), { mode: 0o644 });
  }

  private async write(kind: Kind, name: string, file: string, entry: VersionEntry): Promise<void> {
    const text = `${JSON.stringify(entry, null, 2)}\n`;
    await this.files.writeFileAtomic(this.place(kind, name, file), text, { mode: 0o644 });
  }

  private async readAll(kind: Kind, name: string, files: string[]): Promise<VersionEntry[]> {
    const entries: VersionEntry[] = [];
    for (const file of files.sort()) {
      const text = await readTextIfThere(this.place(kind, name, file));
      const entry = text === null ? null : parseStored(VersionEntry, text);
      if (entry) entries.push(entry);
      // Missing: another process has just finished or tidied it.
      else if (text !== null) this.logger.warn(`A step in the history of ${kind}/${name} cannot be read.`);
    }
    return entries;
  }
}

function damaged(cause: unknown): AppError {
  return new AppError(
    'VERSION_DAMAGED',
    'The stored files of this version are damaged. Take them from a backup of /data/registry/versions.',
    { cause },
  );
}

async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !name.startsWith('.'));
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return [];
    throw error;
  }
}

async function readIfThere(path: string): Promise<Buffer | null> {
  try {
    return await readFile(path);
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return null;
    throw error;
  }
}

async function ageMs(path: string): Promise<number> {
  try {
    return Date.now() - (await stat(path)).mtimeMs;
  } catch (error) {
    if (errorCodeOf(error) === 'ENOENT') return Infinity;
    throw error;
  }
}
