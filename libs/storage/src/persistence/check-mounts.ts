import { access, constants, realpath } from 'node:fs/promises';
import type { PersistenceFinding } from '@app/contracts';
import type { Paths } from '@app/paths';
import { fail, ok, warn } from './finding.js';
import { groundOf, mountOf, type Mounts } from './mounts.js';

const MOUNT_ONE =
  'docker-compose.yml mounts one: `machine_data:/data`, with docker run `-v machine_data:/data`.';

/** Test 1 of the debugging chapter: whether what is written to the data folder outlives the container. */
export async function checkVolume(mounts: Mounts, { data }: Paths): Promise<PersistenceFinding> {
  const mount = mountOf(mounts, await real(data));
  if (!mount) return ok('volume', 'This system does not tell what the data folder lies on.');
  switch (groundOf(mount, mounts)) {
    case 'layer':
      return fail(
        'volume',
        'VOLUME_IN_CONTAINER_LAYER',
        `${data} is a part of the container and goes when it is removed.`,
        `Mount a volume at ${data}; ${MOUNT_ONE} Copy what is there out first: docker cp.`,
      );
    case 'memory':
      return fail(
        'volume',
        'VOLUME_IN_MEMORY',
        `${data} lies in memory (${mount.type}) and is gone at the next restart.`,
        `Mount a volume of a disk at ${data}; ${MOUNT_ONE}`,
      );
    case 'anonymous volume':
      return warn(
        'volume',
        'VOLUME_ANONYMOUS',
        `${data} is a volume without a name: the next container gets another, empty one.`,
        `Name it; ${MOUNT_ONE} Move what is there by a backup and a restore.`,
      );
    case 'network':
    case 'disk':
      break;
  }
  if (mount.readOnly) {
    return fail('volume', 'VOLUME_READ_ONLY', `${data} is mounted read-only.`, 'Mount it without `:ro`.');
  }
  return ok(
    'volume',
    mount.point === '/'
      ? `${data} is on the disk of this machine.`
      : `${data} is on ${mount.point}, a mount of its own (${mount.type}).`,
  );
}

/** With SQLite; `file` is its path. Null: it lies where the data folder does, and that line says all. */
export async function checkDatabasePlace(
  mounts: Mounts,
  { data }: Paths,
  file: string,
): Promise<PersistenceFinding | null> {
  const [place, folder] = await Promise.all([real(file), real(data)]);
  const mount = mountOf(mounts, place);
  if (!mount) return null;
  switch (groundOf(mount, mounts)) {
    case 'layer':
    case 'memory':
      if (mount.point === mountOf(mounts, folder)?.point) return null;
      return fail(
        'database place',
        'DATABASE_NOT_ON_VOLUME',
        `${file} is not on a volume: all sessions and tasks go with the container.`,
        'Let DATABASE_URL name a file in the data folder: sqlite:////data/db/machine.db.',
      );
    case 'network':
      return warn(
        'database place',
        'DATABASE_ON_NETWORK',
        `${file} is on a network file system (${mount.type}), where SQLite may be damaged by two processes.`,
        'Use a local disk, or Postgres (DATABASE_URL).',
      );
    case 'anonymous volume':
    case 'disk':
      return null;
  }
}

/** The image is to be read-only: what is written there is gone with the container. */
export async function checkProgram(mounts: Mounts, { app }: Paths): Promise<PersistenceFinding> {
  const readOnly = mountOf(mounts, await real(app))?.readOnly ?? false;
  if (readOnly || !(await canWrite(app))) return ok('program', `${app} is read-only.`);
  if (!mounts.isContainer) return ok('program', `${app} can be written, as it may in a checkout.`);
  return warn(
    'program',
    'APP_WRITABLE',
    `${app} can be written, and what is written there is gone with the container.`,
    'Run as another user than the owner of the image, or with `read_only: true`. Agents and skills of yours belong into the data folder: upload them.',
  );
}

/** With its links followed; a path that is not there yet lies where its nearest folder does. */
async function real(path: string): Promise<string> {
  for (let place = path; ; place = place.slice(0, place.lastIndexOf('/'))) {
    if (place === '') return '/';
    const found = await realpath(place).catch(() => null);
    if (found !== null) return found;
  }
}

async function canWrite(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}
