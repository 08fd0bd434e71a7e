export * from './bus.module.js';
export * from './in-memory-live-bus.js';
export * from './live-bus.js';
export * from './redis-live-bus.js';
