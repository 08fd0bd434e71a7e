import type { PageShape } from './rest.js';

/** An agent in a list. */
export interface AgentShape {
  name: string;
  source: string;
  overrides: string | null;
  description: string;
  /** Why it cannot be used; null when it is fine. */
  problem: string | null;
}

export interface AgentListShape extends PageShape<AgentShape> {
  index_rebuilt_at: string | null;
}

/** An agent with all its text. */
export interface StoredAgentShape extends AgentShape {
  digest: string;
  claude_md: string;
}

/** What a task for an agent would run with. */
export interface AgentResolutionShape {
  name: string;
  source: string;
  overrides: string | null;
  folder: string;
  digest: string;
  skills: { name: string; source: string; shadows: string[]; problem: string | null }[];
  settings: object;
  problem: string | null;
}

export interface SkillShape {
  name: string;
  source: string;
  shadows: string[];
  description: string | null;
  files: { path: string; size: number; content: string | null }[];
  problem: string | null;
}

/** A step in the history of an agent or a skill. */
export interface VersionShape {
  digest: string | null;
  change: string;
  at: string;
  by: string | null;
  note: string | null;
  files: number;
}

export interface VersionListShape extends PageShape<VersionShape> {
  current: string | null;
}

export interface VersionDiffShape {
  items: { path: string; change: string; patch: string | null }[];
}

/** What was found wrong with an agent or a skill. */
export interface CheckShape {
  ok: boolean;
  findings: {
    level: string;
    file: string | null;
    line: number | null;
    code: string;
    message: string;
  }[];
}
