import type { AgentEngine, AgentRun, EngineCheck, RunSpec } from '../../../libs/engines/src/agent-engine.js';
import { ScriptedRun } from './scripted-run.js';

/** The engine port without any process, for tests and benchmarks that need thousands of runs. See README.md. */
export class ScriptedEngine implements AgentEngine {
  readonly id = 'scripted';
  readonly capabilities = {
    followUp: true,
    resume: true,
    fork: false,
    approvals: false,
    budget: false,
    perModelUsage: true,
  };

  check(): Promise<EngineCheck> {
    return Promise.resolve({ ok: true, version: 'scripted' });
  }

  start(spec: RunSpec): AgentRun {
    return new ScriptedRun(spec);
  }

  reapOrphans(): Promise<number> {
    return Promise.resolve(0);
  }
}
