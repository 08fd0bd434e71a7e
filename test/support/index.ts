export * from './free-port.js';
export { startPostgres, type PostgresOptions } from './private-postgres.js';
export { startRedis, type RedisOptions } from './private-redis.js';
export type { PrivateServer } from './private-server.js';
export { findProgram } from './programs.js';
export * from './redis-namespace.js';
export { tempDataDir } from './temp-folder.js';
export * from './test-database.js';
export * from './wait-for.js';
