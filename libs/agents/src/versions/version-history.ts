import { Injectable, Logger } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { newId } from '@app/database';
import { SerialByKey } from '@app/storage';
import { digestFiles } from '../folders/digest-files.js';
import type { FolderFiles } from '../folders/folder-files.js';
import type { Kind } from '../folders/kind.js';
import { UserFolders } from '../folders/user-folders.js';
import type { VersionEntry } from './version-entry.js';
import { VersionStore } from './version-store.js';

/** Steps that are kept of one agent or skill; older ones go unless a run began with them not long ago. */
export const KEPT_VERSIONS = 50;
export const KEPT_DAYS_AFTER_USE = 90;

/** What somebody does; the rest of the entry follows from it. */
export type Step = Pick<VersionEntry, 'change' | 'by' | 'note'>;

/**
 * The history of agents and skills: what they were, who changed them, when, and why. The folders are the truth. A
 * change that was made by hand is found the next time somebody looks, and becomes a version like any other.
 */
@Injectable()
export class VersionHistory {
  private readonly logger = new Logger(VersionHistory.name);
  private readonly serial = new SerialByKey();

  constructor(
    private readonly store: VersionStore,
    private readonly folders: UserFolders,
  ) {}

  /** One change of an agent or a skill at a time. Inside of `work` only `change` may be called. */
  exclusive<T>(kind: Kind, name: string, work: () => Promise<T>): Promise<T> {
    return this.serial.run(`${kind}/${name}`, work);
  }

  /**
   * Makes `work` a step of the history: afterwards the folder holds `files`, or is gone when they are null. Within
   * `exclusive`. A step that changes nothing is none.
   */
  async change(kind: Kind, name: string, step: Step, files: FolderFiles | null, work: () => Promise<void>) {
    const current = await this.catchUp(kind, name);
    const next = entryOf({ ...step, origin: 'user' }, files);
    if (current === next.digest) return work();
    await this.store.announce(kind, name, next, files);
    try {
      await work();
    } catch (error) {
      await this.store.forget(kind, name, next);
      throw error;
    }
    await this.store.finish(kind, name, next);
    await this.tidy(kind, name);
  }

  /** The oldest first, up to what lies in the folder now. */
  list(kind: Kind, name: string): Promise<VersionEntry[]> {
    return this.exclusive(kind, name, async () => {
      await this.catchUp(kind, name);
      return this.store.finished(kind, name);
    });
  }

  /** Finds out what happened to the folder while nobody looked. */
  async look(kind: Kind, name: string): Promise<void> {
    await this.exclusive(kind, name, async () => {
      await this.store.recover(kind, name);
      await this.catchUp(kind, name);
    });
  }

  /** A run begins with these files of a user, read a moment ago: they are a version, whatever the folder holds by now. */
  async noteLoaded(kind: Kind, name: string, files: FolderFiles): Promise<void> {
    await this.exclusive(kind, name, async () => {
      const digest = digestFiles(files);
      if ((await this.catchUp(kind, name)) === digest) return;
      const known = await this.store.finished(kind, name);
      if (known.some((entry) => entry.digest === digest)) return;
      const step = { change: 'found', origin: 'user', by: null, note: null } as const;
      await this.store.add(kind, name, entryOf(step, files), files);
    });
  }

  /** Files that came with the program: kept too, for the next program may bring others. */
  async noteProgram(kind: Kind, name: string, files: FolderFiles): Promise<void> {
    await this.exclusive(kind, name, async () => {
      const entry = entryOf({ change: 'built_in', origin: 'program', by: null, note: null }, files);
      const known = await this.store.finished(kind, name);
      if (known.some(({ digest, origin }) => digest === entry.digest && origin === 'program')) return;
      await this.store.add(kind, name, entry, files);
      await this.tidy(kind, name);
    });
  }

  /** A run begins with this version: it can be looked up for as long as anybody may ask. */
  async noteUse(kind: Kind, name: string, digest: string): Promise<void> {
    await this.store.markUsed(kind, name, digest);
  }

  /** `wish` is a digest or the beginning of one, at least 8 characters. Throws `VERSION_NOT_FOUND`. */
  async find(kind: Kind, name: string, wish: string): Promise<{ entry: VersionEntry; files: FolderFiles }> {
    const entries = (await this.list(kind, name)).reverse();
    const found = /^[0-9a-f]{8,64}$/.test(wish)
      ? entries.filter(({ digest }) => digest?.startsWith(wish) === true)
      : [];
    const [entry] = found;
    const digest = entry?.digest;
    if (new Set(found.map((one) => one.digest)).size === 1 && entry && digest) {
      const files = await this.store.content(kind, name, digest);
      if (files) return { entry, files };
    }
    throw new AppError(
      'VERSION_NOT_FOUND',
      `There is no such version of ${name}, or its digest is cut too short. GET /api/${kind}/${name}/versions lists them.`,
    );
  }

  /** The digest of the folder as it is now, null when there is none; what is new about it is written down. */
  private async catchUp(kind: Kind, name: string): Promise<string | null> {
    const seen = await this.folders.read(kind, name);
    const digest = seen && digestFiles(seen.files);
    await this.settle(kind, name, digest);
    const last = (await this.store.finished(kind, name)).findLast(({ origin }) => origin === 'user');
    if ((last?.digest ?? null) === digest) return digest;
    // Another process may have changed it between the two readings, and will say so itself.
    const again = await this.folders.read(kind, name);
    if ((again && digestFiles(again.files)) !== digest) return this.catchUp(kind, name);
    // Links and files that are too large cannot be kept: such a folder is damaged, and no version.
    if (seen && seen.findings.length > 0) return digest;
    const change = seen ? 'found' : 'deleted';
    const entry = entryOf({ change, origin: 'user', by: null, note: null }, seen?.files ?? null);
    await this.store.add(kind, name, entry, seen?.files ?? null);
    this.logger.log(`${kind}/${name} was changed by hand; it is a version now`);
    await this.tidy(kind, name);
    return digest;
  }

  /** What was announced before a crash either happened or did not: the folder tells. */
  private async settle(kind: Kind, name: string, digest: string | null): Promise<void> {
    for (const entry of await this.store.pending(kind, name)) {
      if (entry.digest === digest) await this.store.finish(kind, name, entry);
      else if (isStale(entry)) await this.store.forget(kind, name, entry);
    }
  }

  private async tidy(kind: Kind, name: string): Promise<void> {
    if ((await this.store.countFinished(kind, name)) <= KEPT_VERSIONS) return;
    const entries = await this.store.finished(kind, name);
    const old = entries.slice(0, Math.max(0, entries.length - KEPT_VERSIONS));
    const kept = new Set(entries);
    for (const entry of old) {
      const used =
        entry.digest !== null && (await this.store.usedWithin(kind, name, entry.digest, KEPT_DAYS_AFTER_USE));
      if (used) continue;
      kept.delete(entry);
      await this.store.remove(kind, name, entry, [...kept]);
    }
  }
}

/** Younger ones may be the work of another process that shares the volume. */
const STALE_MS = 60_000;

function isStale({ at }: VersionEntry): boolean {
  return Date.now() - Date.parse(at) > STALE_MS;
}

function entryOf(step: Step & Pick<VersionEntry, 'origin'>, files: FolderFiles | null): VersionEntry {
  const { change, origin, by, note } = step;
  return {
    id: newId(),
    digest: files && digestFiles(files),
    change,
    origin,
    at: new Date().toISOString(),
    by,
    note,
    files: files?.size ?? 0,
    bytes: files ? [...files.values()].reduce((sum, { content }) => sum + content.length, 0) : 0,
  };
}
