export { AgentCatalog } from './agents/agent-catalog.js';
export * from './agents/agent.js';
export { AgentsModule } from './agents.module.js';
