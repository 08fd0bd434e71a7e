export * from './in-process-task-queue.js';
export * from './outbox-relay.js';
export * from './outbox.entity.js';
export * from './outbox.repository.js';
export * from './queue.module.js';
export * from './task-queue.js';
