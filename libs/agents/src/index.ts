export { AgentCatalog } from './agent-catalog.js';
export * from './agent.js';
export { AgentsModule } from './agents.module.js';
