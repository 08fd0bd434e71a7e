import { startPostgres } from '../test/support/private-postgres.js';
import { startRedis } from '../test/support/private-redis.js';
import { SCRIPTED_SERVICE, Service } from '../test/support/service.js';
import { withFolder } from './surroundings.js';

/** The two ways the service is run, each with servers of its own that really write to disk. */
export interface BenchSetUp {
  name: string;
  use<T>(work: (environment: Record<string, string>) => Promise<T>): Promise<T>;
}

export const SQLITE: BenchSetUp = { name: 'SQLite', use: (work) => work({}) };

export const POSTGRES: BenchSetUp = {
  name: 'Postgres',
  use: async (work) => {
    const postgres = await startPostgres({ durable: true });
    try {
      const redis = await startRedis({ appendOnly: true });
      try {
        return await work({ DATABASE_URL: postgres.url, REDIS_URL: redis.url });
      } finally {
        await redis.stop();
      }
    } finally {
      await postgres.stop();
    }
  },
};

export const BENCH_SET_UPS = [SQLITE, POSTGRES];

/** The compiled service with the scripted engine, in a process of its own. BENCH_PROFILE=<folder> has it profiled. */
export function withScriptedService<T>(
  environment: Record<string, string>,
  use: (service: Service) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    const profile = process.env.BENCH_PROFILE;
    const service = await Service.start(
      {
        DATA_DIR: folder,
        ANTHROPIC_API_KEY: 'sk-ant-api03-scripted',
        MAX_QUEUED_TASKS: '10000000',
        SHUTDOWN_GRACE_SECONDS: '0',
        ...environment,
      },
      { program: [...(profile ? ['--cpu-prof', `--cpu-prof-dir=${profile}`] : []), ...SCRIPTED_SERVICE] },
    );
    try {
      return await use(service);
    } finally {
      await service.end();
    }
  });
}
