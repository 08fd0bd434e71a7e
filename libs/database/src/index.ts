export * from './columns.js';
export * from './database-error.js';
export * from './database.js';
export * from './database.module.js';
export * from './dialect.js';
export * from './inspect-database.js';
export * from './json-rows.js';
export * from './new-id.js';
export * from './page.js';
export * from './sql.js';
export * from './write-batches.js';
/** What a step of somebody's transaction is handed. */
export type { EntityManager as Transaction } from 'typeorm';
export * from './copy/index.js';
