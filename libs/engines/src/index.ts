export * from './agent-engine.js';
export { ClaudeCodeEngine, createClaudeCodeEngine } from './claude-code/claude-code-engine.js';
export { startOfflineModel } from './offline-model/offline-model.js';
export type { OfflineModel } from './offline-model/offline-model.js';
export { say, think, use } from './offline-model/script.js';
export type { Scenario } from './offline-model/script.js';
