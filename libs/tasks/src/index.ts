export * from './event-log.repository.js';
export * from './metric.entity.js';
export * from './task-lifecycle.js';
export * from './task-log.entity.js';
export * from './task-runs.repository.js';
export * from './task.entity.js';
export * from './task.service.js';
export * from './tasks.module.js';
