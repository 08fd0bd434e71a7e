export * from './claim-watch.js';
export * from './execution.module.js';
export { AGENT_ENGINE } from './run-config.js';
export * from './running-tasks.js';
export { TaskProcessor } from './task.processor.js';
