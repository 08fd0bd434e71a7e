export * from './client-settings.js';
export * from './load-settings.js';
export * from './module-for.js';
export * from './parse-database-url.js';
export * from './parse-redis-url.js';
export * from './settings-docs.js';
export * from './settings.module.js';
export * from './settings.js';
