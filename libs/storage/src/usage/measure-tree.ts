import { lstatSync, opendirSync, type Stats } from 'node:fs';
import { join } from 'node:path';
import { STORAGE_AREAS, type StorageArea } from '@app/contracts';
import { areaOf, sessionOf } from './areas.js';

export interface Amount {
  /** As the disk holds them, as `du` counts: a file of one byte takes a block. */
  bytes: number;
  files: number;
}

export interface SessionAmount {
  session_id: string;
  workspace_bytes: number;
  transcript_bytes: number;
  files: number;
}

export interface TreeMeasure {
  areas: Record<StorageArea, Amount>;
  /** The largest, largest first. */
  sessions: SessionAmount[];
  /** All sessions that have files, also those that are not named. */
  sessionCount: number;
  /** Places that could not be looked into. */
  unreadable: number;
}

/** With more sessions than this, the small ones are counted and not named. */
const MOST_SESSIONS = 10_000;
const BLOCK = 512;

/**
 * Adds up a data folder. Looks at every file, follows no link, and keeps nothing in memory but the names of one
 * folder per level and the sessions. It blocks while it works: `measure` runs it in a thread of its own.
 */
export function measureTree(root: string): TreeMeasure {
  const measure = new Measure();
  measure.walk(root, '', null);
  return measure.result();
}

class Measure {
  private readonly areas = Object.fromEntries(
    STORAGE_AREAS.map((area) => [area, { bytes: 0, files: 0 }]),
  ) as Record<StorageArea, Amount>;
  private readonly sessions = new Map<string, SessionAmount>();
  private dropped = 0;
  private unreadable = 0;
  /** Files with several names are counted once. */
  private readonly linked = new Set<string>();

  walk(folder: string, path: string, place: { area: StorageArea; session: string | null } | null): void {
    const folders: string[] = [];
    for (const name of this.namesIn(folder)) {
      const full = join(folder, name);
      const stats = this.look(full);
      if (!stats) continue;
      const below = path === '' ? name : `${path}/${name}`;
      // Below its third part a path changes neither area nor session.
      const here = place ?? { area: areaOf(below), session: sessionOf(below) };
      this.add(here, stats);
      if (stats.isDirectory()) folders.push(name);
    }
    const depth = path === '' ? 0 : path.split('/').length;
    for (const name of folders) {
      const below = path === '' ? name : `${path}/${name}`;
      const settled = depth >= 2 ? (place ?? { area: areaOf(below), session: sessionOf(below) }) : null;
      this.walk(join(folder, name), below, settled);
    }
  }

  result(): TreeMeasure {
    this.keepLargest(MOST_SESSIONS);
    return {
      areas: this.areas,
      sessions: [...this.sessions.values()].sort(bySize),
      sessionCount: this.sessions.size + this.dropped,
      unreadable: this.unreadable,
    };
  }

  private add({ area, session }: { area: StorageArea; session: string | null }, stats: Stats): void {
    if (stats.nlink > 1 && !stats.isDirectory() && this.isKnown(stats)) return;
    const bytes = stats.blocks * BLOCK;
    const files = stats.isDirectory() ? 0 : 1;
    this.areas[area].bytes += bytes;
    this.areas[area].files += files;
    if (session === null) return;
    const known = this.sessions.get(session) ?? {
      session_id: session,
      workspace_bytes: 0,
      transcript_bytes: 0,
      files: 0,
    };
    if (area === 'workspaces') known.workspace_bytes += bytes;
    else known.transcript_bytes += bytes;
    known.files += files;
    this.sessions.set(session, known);
    if (this.sessions.size > MOST_SESSIONS * 4) this.keepLargest(MOST_SESSIONS * 2);
  }

  private isKnown({ dev, ino }: Stats): boolean {
    const id = `${dev}:${ino}`;
    if (this.linked.has(id)) return true;
    if (this.linked.size < 200_000) this.linked.add(id);
    return false;
  }

  private keepLargest(count: number): void {
    if (this.sessions.size <= count) return;
    const small = [...this.sessions.values()].sort(bySize).slice(count);
    for (const { session_id: id } of small) this.sessions.delete(id);
    this.dropped += small.length;
  }

  private namesIn(folder: string): string[] {
    const names: string[] = [];
    try {
      const opened = opendirSync(folder, { bufferSize: 1000 });
      try {
        for (let entry = opened.readSync(); entry; entry = opened.readSync()) names.push(entry.name);
      } finally {
        opened.closeSync();
      }
    } catch {
      // It went meanwhile, or must not be looked into.
      this.unreadable += 1;
    }
    return names;
  }

  private look(path: string): Stats | null {
    try {
      return lstatSync(path, { throwIfNoEntry: false }) ?? null;
    } catch {
      this.unreadable += 1;
      return null;
    }
  }
}

function bySize(one: SessionAmount, other: SessionAmount): number {
  const difference = sizeOf(other) - sizeOf(one);
  return difference === 0 ? one.session_id.localeCompare(other.session_id) : difference;
}

export function sizeOf(session: SessionAmount): number {
  return session.workspace_bytes + session.transcript_bytes;
}
