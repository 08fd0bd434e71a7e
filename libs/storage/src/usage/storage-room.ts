import { statfs } from 'node:fs/promises';
import type { Settings } from '@app/config';
import { AppError, type StorageSpaceShape } from '@app/contracts';
import type { Paths } from '@app/paths';
import type { StorageUsage } from './storage-usage.js';

const MB = 1_000_000;
/** Asking the file system is cheap, and still not for every one of a thousand requests a second. */
const REMEMBERED_MS = 1000;
const WARN_FROM = 0.9;

type Limits = Pick<Settings, 'storageMinFreeMb' | 'storageWarnFreeMb' | 'storageMaxMb'>;

/**
 * Whether there is room for more. Refusing early, while some space is left, is what keeps the service readable: the
 * database, logs and deletions need some themselves.
 */
export class StorageRoom {
  private known: { atMs: number; space: StorageSpaceShape } | null = null;

  constructor(
    private readonly limits: Limits,
    private readonly paths: Paths,
    private readonly usage: Pick<StorageUsage, 'latest'>,
  ) {}

  /** Throws `STORAGE_FULL`. */
  async assertRoom(): Promise<void> {
    const { level, message } = await this.look();
    if (level === 'fail') throw new AppError('STORAGE_FULL', message ?? 'The storage is full.');
  }

  async look(): Promise<StorageSpaceShape> {
    const nowMs = performance.now();
    if (this.known && nowMs - this.known.atMs < REMEMBERED_MS) return this.known.space;
    const { bavail, bsize, blocks } = await statfs(this.paths.data);
    const space = this.judge({ free: bavail * bsize, disk: blocks * bsize });
    this.known = { atMs: nowMs, space };
    return space;
  }

  private judge({ free, disk }: { free: number; disk: number }): StorageSpaceShape {
    const { storageMinFreeMb, storageWarnFreeMb, storageMaxMb } = this.limits;
    const used = this.usage.latest?.totalBytes ?? 0;
    const facts = {
      disk_bytes: disk,
      free_bytes: free,
      min_free_bytes: storageMinFreeMb * MB,
      max_bytes: storageMaxMb === null ? null : storageMaxMb * MB,
    };
    if (free < facts.min_free_bytes) {
      return {
        level: 'fail',
        message: `Less than ${storageMinFreeMb} MB are free in DATA_DIR (STORAGE_MIN_FREE_MB), so nothing is added. ${FREE_SOME}`,
        ...facts,
      };
    }
    if (storageMaxMb !== null && used > storageMaxMb * MB) {
      return {
        level: 'fail',
        message: `DATA_DIR takes more than ${storageMaxMb} MB (STORAGE_MAX_MB), so nothing is added. ${FREE_SOME}`,
        ...facts,
      };
    }
    if (free < storageWarnFreeMb * MB) {
      return {
        level: 'warn',
        message: `Only ${Math.floor(free / MB)} MB are free in DATA_DIR. ${FREE_SOME}`,
        ...facts,
      };
    }
    if (storageMaxMb !== null && used > storageMaxMb * MB * WARN_FROM) {
      return {
        level: 'warn',
        message: `DATA_DIR takes ${Math.floor(used / MB)} of ${storageMaxMb} MB (STORAGE_MAX_MB). ${FREE_SOME}`,
        ...facts,
      };
    }
    return { level: 'ok', message: null, ...facts };
  }
}

const FREE_SOME = 'See GET /api/storage/usage, and free some: POST /api/storage/cleanup, or delete backups.';
