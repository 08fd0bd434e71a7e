/**
 * The port to whatever does the thinking. It promises: `start` never throws, every run ends with exactly one
 * `ended` event and a resolved `done`, and after `done` no process of the run is left. It leaves out: storing
 * anything, deciding about retries or limits of the service, and knowing tasks. No Nest, database or queue here.
 */
export interface AgentEngine {
  readonly id: string;
  readonly capabilities: EngineCapabilities;
  /** Whether runs can be started on this machine at all; asked at boot and by readiness. Bounded in time. */
  check(): Promise<EngineCheck>;
  start(spec: RunSpec): AgentRun;
  /**
   * Ends what is left of runs whose service process is gone; returns how many processes that were. Runs of processes
   * that live, this one among them, are never touched, so it may be called at any time and by several at once.
   */
  reapOrphans(): Promise<number>;
}

export type EngineCheck = { ok: true; version: string } | { ok: false; problem: string };

export interface EngineCapabilities {
  readonly followUp: boolean;
  readonly resume: boolean;
  readonly fork: boolean;
  readonly approvals: boolean;
  readonly budget: boolean;
  readonly perModelUsage: boolean;
}

export const PERMISSION_MODES = ['default', 'acceptEdits', 'plan', 'dontAsk', 'bypassPermissions'] as const;
export type PermissionMode = (typeof PERMISSION_MODES)[number];

/** Another agent that this one may delegate to. */
export interface SubagentSpec {
  name: string;
  description: string;
  prompt: string;
  model?: string;
  allowedTools?: string[];
  disallowedTools?: string[];
}

export interface RunSpec {
  /** Marks every process of the run; a UUID. */
  runId: string;
  prompt: string;
  /** Absolute, exists. */
  workspaceDir: string;
  /** Appended to Claude Code's own system prompt; `@import`s are already expanded. */
  instructions: string;
  /** Folders with a `skills/` folder (loaded as plugins); absolute, exist. */
  pluginDirs: string[];
  subagents: SubagentSpec[];
  model?: string;
  permissionMode: PermissionMode;
  allowedTools: string[];
  disallowedTools: string[];
  maxTurns?: number;
  maxBudgetUsd?: number;
  /** The conversation: a new one under an id of ours, an existing one to go on with, or a copy of one. UUIDs. */
  conversation: { kind: 'new' | 'resume'; id: string } | { kind: 'fork'; id: string; from: string };
  /** Whether settings and CLAUDE.md found in the workspace may be loaded. */
  trustWorkspace: boolean;
  /** Handed to the engine process and to nothing it starts; masked in everything the engine says. */
  credential: { kind: 'api_key' | 'oauth_token'; secret: string };
  /** Not handed on, and masked like the credential: what the run may have come upon elsewhere. */
  otherSecrets?: readonly string[];
  /** Where the engine keeps conversations: on the volume, the same for all runs. */
  configDir: string;
  /** The address of the model API or of a gateway in front of it. */
  baseUrl?: string;
}

export interface AgentRun {
  readonly runId: string;
  /**
   * One reader. Ends after the `ended` event. Nothing is done before reading begins: the engine may be started, and does
   * not know the prompt. While nobody reads, the run pauses: a backlog is never unbounded.
   */
  readonly events: AsyncIterable<EngineEvent>;
  readonly done: Promise<RunEnd>;
  /**
   * A message for the running conversation; answered in this turn or as a turn of its own. Not `accepted` when the
   * run is already ending: the caller then has to start another run with it.
   */
  send(text: string, when?: 'asap' | 'next-turn'): { messageId: string; accepted: boolean };
  /** False when nobody waits for that request any more. */
  respond(requestId: string, decision: ApprovalDecision): boolean;
  /** Ends the turn; the session stays usable. Messages sent before are still answered, in a turn of their own. */
  interrupt(): Promise<void>;
  /**
   * interrupt → close → SIGTERM → SIGKILL → reap by marker. Resolves when no process is left. With a grace of 0, also
   * after an earlier call, it begins at SIGKILL.
   */
  stop(graceMs?: number): Promise<void>;
}

export type ApprovalDecision =
  { behavior: 'allow'; input?: Record<string, unknown> } | { behavior: 'deny'; message: string };

export interface EngineUsage {
  model: string;
  inputTokens: number;
  outputTokens: number;
  cacheReadTokens: number;
  cacheWriteTokens: number;
  costUsd: number;
  costBasis: string;
}

/** Why a run did not end well; the execution library turns it into a reason code. */
export const ENGINE_FAILURES = [
  'auth_failed',
  'billing_error',
  'rate_limited',
  'usage_limit',
  'overloaded',
  'invalid_request',
  'provider_error',
  'model_failed',
  'max_turns',
  'max_cost',
  'session_lost',
  'agent_invalid',
  'workspace_missing',
  'not_startable',
  'crashed',
  'unknown',
] as const;
export type EngineFailure = (typeof ENGINE_FAILURES)[number];

export type TurnOutcome = { kind: 'success' } | { kind: 'interrupted' } | ({ kind: 'failed' } & RunFailure);

export interface RunFailure {
  failure: EngineFailure;
  message: string;
  /** How long the provider asked to wait before the next try. */
  retryAfterMs?: number;
  /** The instant (ISO) at which a `usage_limit` ends, when the provider said so. */
  resetsAt?: string;
  /** The usage limit is one of the model that was used: the account goes on serving others. */
  ofModel?: boolean;
}

/**
 * `parent` is the id of the tool call of the subagent an event comes from. A `text` or `thinking` replaces the deltas
 * of the same `messageId`; an empty one withdraws them.
 */
export type EngineEvent =
  | { type: 'session'; sessionId: string }
  | {
      type: 'init';
      version?: string;
      model: string;
      tools: string[];
      skills: string[];
      mcpFailed: string[];
      permissionMode: string;
    }
  | { type: 'text.delta' | 'thinking.delta'; messageId: string; text: string; parent?: string }
  | { type: 'text' | 'thinking'; messageId: string; text: string; parent?: string }
  | { type: 'tool.started'; id: string; name: string; input: unknown; parent?: string }
  | { type: 'tool.finished'; id: string; isError: boolean; output: string; detail?: unknown; parent?: string }
  | {
      type: 'permission.requested';
      id: string;
      tool: string;
      input: Record<string, unknown>;
      reason?: string;
    }
  | { type: 'permission.resolved'; id: string; behavior: 'allow' | 'deny'; message?: string }
  | {
      type: 'retry';
      attempt: number;
      maxAttempts: number;
      delayMs: number;
      status: number | null;
      error: string;
    }
  | {
      type: 'turn.finished';
      outcome: TurnOutcome;
      result: string | null;
      turns: number;
      durationMs: number;
      /** What this turn alone used, per model. */
      usage: EngineUsage[];
    }
  | { type: 'note'; kind: string; text?: string; detail?: unknown }
  | { type: 'ended'; end: RunEnd };

export interface RunEnd {
  outcome: TurnOutcome;
  sessionId: string | null;
  exitCode: number | null;
  signal: string | null;
}
