import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { AgentEngine, AgentRun, EngineCapabilities, EngineCheck, RunSpec } from '../agent-engine.js';
import { ClaudeRun } from './claude-run.js';
import type { Sdk } from './claude-run.js';
import type { HostEnv } from './environment.js';
import { findExecutable } from './find-executable.js';
import { findParentDeathGuard } from './parent-death-guard.js';
import { reapOrphans } from './reap-by-marker.js';
import { RUN_TIMING } from './run-timing.js';
import type { RunTiming } from './run-timing.js';

const CHECK_TIMEOUT_MS = 15_000;
const execute = promisify(execFile);

export interface ClaudeCodeEngineOptions {
  /** The service's environment; a run gets a short list of its variables. */
  hostEnv: HostEnv;
  /** Where conversations are kept: the same for all runs, and the mark by which this service knows its processes. */
  configDir: string;
  /** Another `claude` binary than the one that came with the SDK. */
  executable?: string;
  timing?: Partial<RunTiming>;
}

/** Claude Code through the Agent SDK: one process per run. */
export class ClaudeCodeEngine implements AgentEngine {
  readonly id = 'claude-code';
  readonly capabilities: EngineCapabilities = {
    followUp: true,
    resume: true,
    fork: true,
    approvals: true,
    budget: true,
    perModelUsage: true,
  };
  readonly #options: ClaudeCodeEngineOptions;
  readonly #executable: string | undefined;
  #sdk: Promise<Sdk> | null = null;
  #deathGuard: Promise<readonly string[]> | null = null;

  constructor(options: ClaudeCodeEngineOptions) {
    this.#options = options;
    this.#executable = options.executable ?? findExecutable();
  }

  /** Also loads the SDK, so that the first run does not have to. */
  async check(): Promise<EngineCheck> {
    if (this.#executable === undefined) {
      return {
        ok: false,
        problem: 'The claude binary for this platform is not installed. Run npm install again.',
      };
    }
    try {
      const [{ stdout }] = await Promise.all([
        execute(this.#executable, ['--version'], {
          env: { PATH: this.#options.hostEnv['PATH'], HOME: this.#options.hostEnv['HOME'] },
          timeout: CHECK_TIMEOUT_MS,
        }),
        this.#loadSdk(),
        this.#findDeathGuard(),
      ]);
      return { ok: true, version: stdout.trim().split(' ')[0] ?? '' };
    } catch (error) {
      const reason = error instanceof Error ? error.message : 'unknown reason';
      return { ok: false, problem: `Claude Code does not run on this machine: ${reason}` };
    }
  }

  start(spec: RunSpec): AgentRun {
    const { hostEnv, configDir, timing } = this.#options;
    return new ClaudeRun(spec, {
      host: { isRoot: process.getuid?.() === 0, isSandbox: hostEnv['IS_SANDBOX'] === '1', configDir },
      hostEnv,
      timing: { ...RUN_TIMING, ...timing },
      executable: this.#executable,
      loadSdk: () => this.#loadSdk(),
      deathGuard: () => this.#findDeathGuard(),
    });
  }

  reapOrphans(): Promise<number> {
    return reapOrphans(this.#options.configDir);
  }

  /** Imported late: an idle server does without its megabytes. A failed import is tried again. */
  #loadSdk(): Promise<Sdk> {
    this.#sdk ??= import('@anthropic-ai/claude-agent-sdk').catch((error: unknown) => {
      this.#sdk = null;
      throw error;
    });
    return this.#sdk;
  }

  #findDeathGuard(): Promise<readonly string[]> {
    this.#deathGuard ??= findParentDeathGuard(this.#options.hostEnv['PATH']);
    return this.#deathGuard;
  }
}

export const createClaudeCodeEngine = (options: ClaudeCodeEngineOptions): AgentEngine =>
  new ClaudeCodeEngine(options);
