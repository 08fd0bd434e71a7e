/** The engine that runs tasks, and where it keeps conversations. */
export interface RunConfig {
  configDir: string;
}

export const AGENT_RUN_CONFIG = Symbol('RunConfig');
export const AGENT_ENGINE = Symbol('AgentEngine');
