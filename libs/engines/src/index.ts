export * from './agent-engine.js';
export { ClaudeCodeEngine, createClaudeCodeEngine } from './claude-code/claude-code-engine.js';
export type { ClaudeCodeEngineOptions } from './claude-code/claude-code-engine.js';
export { startOfflineModel } from './offline-model/offline-model.js';
export type {
  OfflineModel,
  OfflineModelOptions,
  OfflineModelRequest,
} from './offline-model/offline-model.js';
export { say, think, use } from './offline-model/script.js';
export type { Block, Scenario, Script, Step, StepContext, StepError } from './offline-model/script.js';
