import { randomUUID } from 'node:crypto';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Settings } from '@app/config';
import { StartError } from './start-error.js';

/** Permissions lie (read-only mounts, full disks, other owners), so a file is really written. */
export async function checkDataDir({ dataDir }: Settings): Promise<void> {
  const folder = resolve(dataDir);
  const probe = join(folder, `.write-check-${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    await writeFile(probe, 'x', { flag: 'wx' });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
    throw new StartError(
      `The data folder ${folder} cannot be written (${code}). Give this user write access, or set DATA_DIR to another folder.`,
      error,
    );
  } finally {
    await rm(probe, { force: true }).catch(() => undefined);
  }
}
