import type { Settings } from '@app/config';
import type { PersistenceFinding, PersistenceShape } from '@app/contracts';
import { plainTarget } from '@app/database';
import { Paths } from '@app/paths';
import { checkBackups } from './check-backups.js';
import { checkClock } from './check-clock.js';
import { askDatabase, checkDatabase } from './check-database.js';
import { checkMasterKey, type MasterKeys } from './check-keys.js';
import { checkMarker } from './check-marker.js';
import { checkDatabasePlace, checkProgram, checkVolume } from './check-mounts.js';
import { checkModes, checkOwners } from './check-owners.js';
import { checkRedis, type RedisDurability } from './check-redis.js';
import { checkFlush, checkSpace, checkWritable } from './check-writes.js';
import { errorCodeOf } from '../storage-error.js';
import { fail, worstOf } from './finding.js';
import { readMarker } from './marker.js';
import type { Mounts } from './mounts.js';
import { readMounts } from './read-mounts.js';

/** What this library cannot ask itself, and what a test puts in the place of the world. */
export interface Surroundings {
  /** Undefined without REDIS_URL; null: it does not answer. */
  redis?: RedisDurability | null | undefined;
  keys: () => Promise<MasterKeys>;
  nowMs?: number;
  mounts?: Mounts;
}

/**
 * Whether what users make lasts here, one line for each way it could not; the mistakes of the founding document's
 * debugging chapter are among them. Changes nothing but a probe file that it removes again. Takes as long as SQLite
 * is read through, half a minute at most.
 */
export async function checkPersistence(settings: Settings, world: Surroundings): Promise<PersistenceShape> {
  const paths = new Paths(settings);
  const nowMs = world.nowMs ?? Date.now();
  const mounts = world.mounts ?? (await readMounts());
  const target = plainTarget(settings.database, paths.database);
  const writable = await checkWritable(paths);
  const database = await askDatabase(settings, target);
  const health = database.kind === 'health' ? database.health : null;
  const marker = await readMarker(paths).catch(() => 'damaged' as const);
  const skews = [
    ...(typeof health?.skewMs === 'number' ? [{ of: 'Postgres', skewMs: health.skewMs }] : []),
    ...(world.redis ? [{ of: 'Redis', skewMs: world.redis.skewMs }] : []),
  ];
  const items = [
    await looked('volume', () => checkVolume(mounts, paths)),
    writable.finding,
    ...(writable.isRefused
      ? []
      : [
          await looked('fsync', () => checkFlush(paths)),
          await looked('space', () => checkSpace(paths, settings)),
        ]),
    checkMarker(marker, health?.marks ?? null, nowMs),
    await looked('program', () => checkProgram(mounts, paths)),
    await looked('owner', () => checkOwners(paths, process.getuid?.() ?? null)),
    await looked('modes', () => checkModes(paths)),
    await looked('master key', async () => checkMasterKey(await world.keys())),
    target.kind === 'sqlite' ? await checkDatabasePlace(mounts, paths, target.file) : null,
    checkDatabase(database, target),
    world.redis === undefined ? null : checkRedis(world.redis),
    checkClock({ nowMs, skews, lastStart: marker && marker !== 'damaged' ? marker.last_start : null }),
    await looked('backups', () => checkBackups(settings, paths, nowMs)),
  ];
  const found = items.filter((item) => item !== null);
  return { level: worstOf(found), checked_at: new Date(nowMs).toISOString(), items: found };
}

/** What must not be looked at, or cannot be read, is a finding too. */
async function looked(check: string, look: () => Promise<PersistenceFinding>): Promise<PersistenceFinding> {
  try {
    return await look();
  } catch (error) {
    const code = errorCodeOf(error);
    if (code === null) throw error;
    return fail(
      check,
      'CANNOT_LOOK',
      `It could not be looked at (${code}).`,
      'See to owner and modes in the data folder, then look again.',
    );
  }
}
