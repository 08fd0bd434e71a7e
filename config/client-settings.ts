import { readEnvironment, type Environment } from './load-settings.js';

/** What the command line needs to reach a server; flags win over these. */
export interface ClientSettings {
  /** `CLAUDE_AGENT_URL`, else the address that HOST and PORT of this machine give. */
  url: string;
  /** `CLAUDE_AGENT_KEY`; null: the admin key in DATA_DIR is tried. */
  key: string | null;
  dataDir: string;
}

export function loadClientSettings(env: Environment = readEnvironment()): ClientSettings {
  const port = env.PORT?.trim() || '8000';
  return {
    url: (env.CLAUDE_AGENT_URL?.trim() || `http://localhost:${port}`).replace(/\/+$/, ''),
    key: env.CLAUDE_AGENT_KEY?.trim() || null,
    dataDir: env.DATA_DIR?.trim() || './data',
  };
}
