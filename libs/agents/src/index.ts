export { AgentCatalog } from './agents/agent-catalog.js';
export * from './agents/agent.js';
export { zipBytes } from './archive/write-zip.js';
export { summarise } from './folders/finding.js';
export { readFolder } from './folders/read-folder.js';
export { AgentsModule } from './agents.module.js';
