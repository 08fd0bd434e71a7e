import { createRedisNamespace } from './redis-namespace.js';
import { createTestDatabase } from './test-database.js';

export interface SetUp {
  name: string;
  /** What to add to a service's environment: a database and a queue of its own. */
  environment(): Promise<Record<string, string>>;
}

/** The two set-ups that every promise holds for. */
export const SET_UPS: readonly SetUp[] = [
  { name: 'SQLite and the in-process queue', environment: () => Promise.resolve({}) },
  {
    name: 'Postgres and Bull',
    environment: async () => ({
      DATABASE_URL: (await createTestDatabase()).url,
      REDIS_URL: (await createRedisNamespace()).url,
    }),
  },
];
