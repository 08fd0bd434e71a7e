export { Cleanup } from './cleanup.js';
export type { EndedTaskLog, EndedTaskLogs, RestingSessions } from './ports.js';
