import { once } from 'node:events';
import { resolve } from 'node:path';
import type { Settings } from '@app/config';
import { inspectDatabase } from '@app/database';
import { Paths } from '@app/paths';
import { RedisConnections } from '@app/redis';
import { assertDataDirWritable } from '@app/storage';
import { explainStartFailure } from '../../../api/src/start/explain-start-failure.js';
import { fail, ok, warn, type Finding } from './finding.js';

const LIMIT_MS = 5000;

export async function checkFolder(settings: Settings): Promise<Finding> {
  try {
    await assertDataDirWritable(new Paths(settings));
    return ok('data folder', resolve(settings.dataDir));
  } catch (error) {
    return fail('data folder', messageOf(error));
  }
}

/** Looks without changing anything: bringing it up to date is for the start of the server. */
export async function checkDatabase(settings: Settings): Promise<Finding> {
  const { database } = settings;
  const file = database.kind === 'sqlite' ? (database.file ?? new Paths(settings).database) : null;
  const name = file === null ? 'Postgres answers' : `SQLite: ${file}`;
  try {
    const state = await inspectDatabase(settings);
    switch (state.kind) {
      case 'current':
        return ok('database', name);
      case 'empty':
        return ok('database', `${name}; the tables are made at the first start`);
      case 'older':
        return ok('database', `${name}; the next start brings it up to date (${state.pending} steps)`);
      case 'newer':
        return warn(
          'database',
          `${name}; a newer version has changed it. Use that version, or restore a backup.`,
        );
    }
  } catch (error) {
    return fail('database', messageOf(explainStartFailure(error, settings) ?? error));
  }
}

export async function checkRedis(target: NonNullable<Settings['redis']>): Promise<Finding> {
  const connections = new RedisConnections(target);
  try {
    const client = connections.share('command');
    if (client.status !== 'ready') await readyWithin(client);
    await client.ping();
    return ok('redis', 'answers');
  } catch {
    return fail('redis', 'does not answer. Start it, or correct REDIS_URL.');
  } finally {
    await connections.onApplicationShutdown();
  }
}

/** `once` of Node would give up at the first error, and a connection may need a second attempt. */
async function readyWithin(client: ReturnType<RedisConnections['share']>): Promise<void> {
  const limit = AbortSignal.timeout(LIMIT_MS);
  const tries = new EventTarget();
  client.once('ready', () => tries.dispatchEvent(new Event('ready')));
  await once(tries, 'ready', { signal: limit });
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
