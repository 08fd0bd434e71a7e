import { lstat, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { PersistenceFinding } from '@app/contracts';
import type { Paths } from '@app/paths';
import { errorCodeOf } from '../storage-error.js';
import { fail, ok, warn } from './finding.js';

const OTHERS = 0o077;
const MOST_NAMES = 1000;

/** The top of the data folder, credentials, database and agents; not every file of every workspace. */
export async function checkOwners(paths: Paths, uid: number | null): Promise<PersistenceFinding> {
  const top = await lstat(paths.data).catch(() => null);
  if (!top || uid === null) return ok('owner', 'There is nothing to compare.');
  const folders = [paths.data, paths.credentials, join(paths.data, 'db'), paths.userAgents, paths.userSkills];
  const foreign: string[] = [];
  // Root may write everything; a file that is not the folder's owner's is then in the way of the service later.
  const expected = uid === 0 ? top.uid : uid;
  for (const place of [paths.data, ...(await Promise.all(folders.map(below))).flat()]) {
    const stats = await lstat(place).catch(() => null);
    if (stats && stats.uid !== expected) foreign.push(place);
  }
  if (foreign.length === 0) return ok('owner', `What is in ${paths.data} belongs to uid ${expected}.`);
  return (uid === 0 ? warn : fail)(
    'owner',
    'FOREIGN_OWNER',
    `${list(foreign)} does not belong to uid ${expected}, ${uid === 0 ? `as ${paths.data} does` : 'as which the service runs'}.`,
    `Run: chown -R ${expected} ${paths.data}`,
  );
}

/** Credentials, their keys and backups are for their owner alone: 0700 and 0600. */
export async function checkModes(paths: Paths): Promise<PersistenceFinding> {
  const secret = [paths.credentials, ...(await below(paths.credentials)), paths.backups];
  const open: string[] = [];
  for (const place of secret) if (await isOpen(place, OTHERS)) open.push(place);
  if (open.length > 0) {
    return fail(
      'modes',
      'CREDENTIALS_READABLE',
      `${list(open)} can be read by others: folders must be 0700 and files 0600.`,
      `Run: chmod -R go-rwx ${paths.credentials} ${paths.backups}. If others were on this machine, rotate the credentials.`,
    );
  }
  if (await isOpen(paths.data, 0o002)) {
    return warn(
      'modes',
      'DATA_WORLD_WRITABLE',
      `${paths.data} can be written by everybody.`,
      `Run: chmod o-w ${paths.data}`,
    );
  }
  return ok('modes', 'Credentials and backups are for their owner alone.');
}

async function isOpen(path: string, bits: number): Promise<boolean> {
  const stats = await lstat(path).catch(() => null);
  return stats !== null && !stats.isSymbolicLink() && (stats.mode & bits) !== 0;
}

async function below(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).slice(0, MOST_NAMES).map((name) => join(folder, name));
  } catch (error) {
    // What may not be looked into is told by the line about its owner.
    if (errorCodeOf(error) === null) throw error;
    return [];
  }
}

function list(paths: readonly string[]): string {
  return paths.length <= 3
    ? paths.join(', ')
    : `${paths.slice(0, 3).join(', ')} and ${paths.length - 3} more`;
}
