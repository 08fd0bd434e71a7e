import { randomBytes } from 'node:crypto';
import { open, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { PersistenceFinding } from '@app/contracts';
import type { Paths } from '@app/paths';
import { assertDataDirWritable } from '../assert-data-dir-writable.js';
import { DataDirError } from '../data-dir-error.js';
import { errorCodeOf } from '../storage-error.js';
import { fail, ok, warn } from './finding.js';

const SLOW_MS = 1000;
const MB = 1_000_000;

/** Failures of the disk rather than refusals: the check of the disk says more about them. */
const OF_THE_DISK: ReadonlySet<string | null> = new Set(['EIO', 'EINVAL', 'ENOTSUP', 'ENOSPC', 'EDQUOT']);

/** Whether the folder and what is below it can be written; what is there is left as it is. */
export async function checkWritable(
  paths: Paths,
): Promise<{ finding: PersistenceFinding; isRefused: boolean }> {
  try {
    await assertDataDirWritable(paths);
    return { finding: ok('writable', `${paths.data} can be written.`), isRefused: false };
  } catch (error) {
    if (!(error instanceof DataDirError)) throw error;
    const [what = error.message, ...then] = error.message.split(/(?<=\.) /);
    const remedy = then.join(' ') || 'Look at the log of the system for errors of its disk.';
    return {
      finding: fail('writable', 'DATA_NOT_WRITABLE', what, remedy),
      isRefused: !OF_THE_DISK.has(errorCodeOf(error.cause)),
    };
  }
}

/** Whether the disk confirms what was written: a power cut loses what it does not. */
export async function checkFlush(paths: Paths): Promise<PersistenceFinding> {
  const probe = join(paths.data, `.probe.${randomBytes(6).toString('hex')}.tmp`);
  const startedMs = performance.now();
  try {
    const handle = await open(probe, 'wx', 0o600);
    try {
      await handle.writeFile(randomBytes(4096));
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    const code = errorCodeOf(error) ?? 'unknown error';
    return fail(
      'fsync',
      'FSYNC_FAILS',
      `A file in ${paths.data} could not be written and flushed to the disk (${code}): a power cut loses data.`,
      code === 'ENOSPC' ? 'Free some space.' : 'Use another disk or file system for the data folder.',
    );
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
  const tookMs = Math.round(performance.now() - startedMs);
  if (tookMs <= SLOW_MS) return ok('fsync', `The disk confirms a write within ${tookMs} ms.`);
  return warn(
    'fsync',
    'FSYNC_SLOW',
    `The disk took ${tookMs} ms to confirm a write; every task waits for it several times.`,
    'Use a faster disk, or look what keeps it busy.',
  );
}

export interface SpaceLimits {
  storageMinFreeMb: number;
  storageWarnFreeMb: number;
}

export async function checkSpace(paths: Paths, limits: SpaceLimits): Promise<PersistenceFinding> {
  const { bavail, bsize, blocks } = await statfs(paths.data);
  const freeMb = Math.floor((bavail * bsize) / MB);
  const text = `${freeMb} MB of ${Math.floor((blocks * bsize) / MB)} MB are free`;
  if (freeMb < limits.storageMinFreeMb) {
    return fail(
      'space',
      'SPACE_FULL',
      `${text}: requests that add data are refused (STORAGE_MIN_FREE_MB).`,
      'Free some with `claude-agent storage clean`, delete old backups, or use a larger volume.',
    );
  }
  if (freeMb < limits.storageWarnFreeMb) {
    return warn(
      'space',
      'SPACE_LOW',
      `${text}. Below ${limits.storageMinFreeMb} MB requests that add data are refused.`,
      'See `claude-agent storage usage` for what takes the space.',
    );
  }
  return ok('space', `${text}.`);
}
