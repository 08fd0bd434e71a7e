export * from './app-error.js';
export * from './error-codes.js';
export * from './live.js';
export * from './reason-codes.js';
export * from './roles.js';
export * from './task-events.js';
export * from './task-status.js';
export * from './workers.js';
