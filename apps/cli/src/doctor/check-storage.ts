import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Module, type DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { Settings } from '@app/config';
import { Database, DatabaseModule } from '@app/database';
import { Paths } from '@app/paths';
import { RedisConnections } from '@app/redis';
import { assertDataDirWritable } from '@app/storage';
import { explainStartFailure } from '../../../api/src/start/explain-start-failure.js';
import { fail, ok, type Finding } from './finding.js';

const LIMIT_MS = 5000;

@Module({})
class DatabaseCheckModule {
  static for(settings: Settings): DynamicModule {
    return { module: DatabaseCheckModule, imports: [DatabaseModule.for(settings)] };
  }
}

export async function checkFolder(settings: Settings): Promise<Finding> {
  try {
    await assertDataDirWritable(new Paths(settings));
    return ok('data folder', resolve(settings.dataDir));
  } catch (error) {
    return fail('data folder', messageOf(error));
  }
}

/** Opens it as the server does, which brings an older database up to date. A SQLite file is not made. */
export async function checkDatabase(settings: Settings): Promise<Finding> {
  const { database } = settings;
  const file = database.kind === 'sqlite' ? (database.file ?? new Paths(settings).database) : null;
  if (file !== null && !existsSync(file)) return ok('database', 'SQLite; made at the first start');
  try {
    const context = await NestFactory.createApplicationContext(DatabaseCheckModule.for(settings), {
      logger: false,
      abortOnError: false,
    });
    await context.get(Database).ping();
    await context.close();
    return ok('database', file === null ? 'Postgres answers' : `SQLite opens: ${file}`);
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
