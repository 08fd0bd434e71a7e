import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FaultWindow } from '../checker/history.js';
import { freePort, startPostgres, startRedis, type PrivateServer } from '../../support/index.js';
import { TcpProxy } from '../../support/tcp-proxy.js';
import { ensureBuilt } from '../../support/program.js';
import { FaultNode } from './fault-node.js';

export type SetUpName = 'sqlite' | 'postgres';
export const SET_UP_NAMES: readonly SetUpName[] = ['sqlite', 'postgres'];

export interface SetUpOptions {
  /** Lower than the default of 12 to keep fault runs short. */
  leaseSeconds?: number;
  graceSeconds?: number;
  concurrency?: number;
  /** Of the set-up with Postgres; the one with SQLite is one process. */
  apis?: number;
  workers?: number;
  redisArgs?: string[];
  environment?: Record<string, string>;
  /** The data on a disk of its own, so large, where this user may mount. */
  diskMegabytes?: number;
  /** Nodes are made but not started. */
  idle?: boolean;
}

export interface OpenSetUp {
  name: SetUpName;
  apis: FaultNode[];
  workers: FaultNode[];
  /** The admin key, once the first node has started. */
  key: () => string;
  /** Past the wires: for the checks. */
  databaseUrl: string;
  redis: PrivateServer | null;
  postgres: PrivateServer | null;
  /** What the nodes use to reach the servers. */
  wires: { redis: TcpProxy; database: TcpProxy } | null;
  close(): Promise<void>;
}

type MakeNode = (name: string, port: number, environment: Record<string, string>) => FaultNode;

export async function openSetUp(
  name: SetUpName,
  folder: string,
  faults: FaultWindow[],
  options: SetUpOptions,
): Promise<OpenSetUp> {
  ensureBuilt();
  writeFileSync(join(folder, 'runs.ndjson'), '');
  const common = {
    DATA_DIR: join(folder, 'data'),
    RUN_LEDGER: join(folder, 'runs.ndjson'),
    ANTHROPIC_API_KEY: 'sk-ant-api03-scripted',
    LEASE_SECONDS: String(options.leaseSeconds ?? 4),
    SHUTDOWN_GRACE_SECONDS: String(options.graceSeconds ?? 3),
    MAX_CONCURRENT_TASKS: String(options.concurrency ?? 8),
    ...options.environment,
  };
  const make: MakeNode = (nodeName, port, environment) =>
    new FaultNode({ name: nodeName, port, folder, faults, environment: { ...common, ...environment } });
  return name === 'sqlite' ? sqlite(make, folder, options) : postgres(make, folder, options);
}

async function sqlite(make: MakeNode, folder: string, { idle }: SetUpOptions): Promise<OpenSetUp> {
  const node = make('all', await freePort(), { ROLE: 'all' });
  if (!idle) await node.start();
  return {
    ...{ name: 'sqlite', apis: [node], workers: [node], redis: null, postgres: null, wires: null },
    key: () => keyIn(folder),
    databaseUrl: join(folder, 'data', 'db', 'machine.db'),
    close: async () => void (await node.kill()),
  };
}

async function postgres(make: MakeNode, folder: string, options: SetUpOptions): Promise<OpenSetUp> {
  const [database, redis] = await Promise.all([
    startPostgres({ durable: true }),
    startRedis({ appendOnly: true, args: options.redisArgs ?? [] }),
  ]);
  const wires = { database: await TcpProxy.before(database.port), redis: await TcpProxy.before(redis.port) };
  const servers = {
    DATABASE_URL: wires.database.through(database.url),
    REDIS_URL: wires.redis.through(redis.url),
  };
  const apis = await Promise.all(
    range(options.apis ?? 1).map(async (n) =>
      make(`api-${n}`, await freePort(), { ROLE: 'api', ...servers }),
    ),
  );
  const workers = range(options.workers ?? 2).map((n) =>
    make(`worker-${n}`, 0, { ROLE: 'worker', ...servers }),
  );
  const nodes = [...apis, ...workers];
  if (!options.idle) {
    // The first one makes the tables and the key.
    await apis[0]?.start();
    await Promise.all(nodes.slice(1).map((node) => node.start()));
  }
  return {
    ...{ name: 'postgres', apis, workers, redis, postgres: database, wires },
    key: () => keyIn(folder),
    databaseUrl: database.url,
    close: async () => {
      await Promise.all(nodes.map((node) => node.kill()));
      await Promise.all([wires.database.close(), wires.redis.close(), database.stop(), redis.stop()]);
    },
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_none, index) => index + 1);
const keyIn = (folder: string): string =>
  readFileSync(join(folder, 'data', 'credentials', 'admin.key'), 'utf8').trim();
