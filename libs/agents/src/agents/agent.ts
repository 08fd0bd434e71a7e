/** Where an agent comes from, in the order of precedence; the brain answers when no agent is named. */
export const AGENT_SOURCES = ['user', 'builtin', 'brain'] as const;
export type AgentSource = (typeof AGENT_SOURCES)[number];

/** The name of the agent that is used when none is named; no other agent may have it. */
export const BRAIN = 'brain';

/** The modes of Claude Code, as front matter and the engine write them. */
export const PERMISSION_MODES = ['default', 'acceptEdits', 'plan', 'dontAsk', 'bypassPermissions'] as const;
export type PermissionMode = (typeof PERMISSION_MODES)[number];

/**
 * Nobody answers permission questions of a background run. An agent that says nothing may change files in its own
 * workspace, which is why it was made, and needs a word in its front matter for anything more.
 */
export const DEFAULT_PERMISSION_MODE: PermissionMode = 'acceptEdits';

/** What the front matter of an agent sets. */
export interface AgentSettings {
  description: string | null;
  model: string | null;
  permissionMode: PermissionMode;
  allowedTools: string[];
  disallowedTools: string[];
  maxTurns: number | null;
  maxCostUsd: number | null;
  /** How often a task may be begun; null leaves it to `attemptsPolicy`. */
  maxAttempts: number | null;
}

/** An agent that another one may delegate to; the shape of the engine port's `SubagentSpec`. */
export interface Subagent {
  name: string;
  description: string;
  prompt: string;
  model?: string;
  /** The tools it has at all; absent: all of them. */
  allowedTools?: string[];
  disallowedTools?: string[];
}

/** All that a run needs to know of its agent. Nothing of it changes when the agent is replaced during the run. */
export interface LoadedAgent extends Omit<AgentSettings, 'description' | 'maxAttempts'> {
  name: string;
  source: AgentSource;
  /** Absolute; for the log. The run needs nothing from it. */
  folder: string;
  /** sha256 in hex over the agent's own files: the same files have the same digest everywhere. */
  digest: string;
  /** The body of CLAUDE.md with its imports. */
  instructions: string;
  description: string;
  /** How often a task may be begun when its worker is lost, unless the task says so itself. */
  maxAttempts: number;
  /** Absolute folders for the engine to load as plugins: exactly the skills that the agent sees. */
  pluginDirs: string[];
  /** Only the brain has any. */
  subagents: Subagent[];
  /** Skills and subagents that were left out because they are damaged; worth a line in the task's log. */
  warnings: string[];
}
