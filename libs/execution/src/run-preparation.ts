import { randomUUID } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { AgentCatalog, type LoadedAgent } from '@app/agents';
import { Settings } from '@app/config';
import type { RunSpec } from '@app/engines';
import type { ClaimedTask } from '@app/tasks';
import { Workspaces } from '@app/workspaces';
import { clockLagMs } from './clock-lag.js';
import { credentialOf, RunAccounts, type RunAccount } from './run-accounts.js';
import { interruptionOf, promptOf } from './run-again.js';
import { AGENT_RUN_CONFIG, type RunConfig } from './run-config.js';
import { TaskFailure } from './task-failure.js';

export interface PreparedRun {
  spec: RunSpec;
  account: RunAccount;
  agent: LoadedAgent;
}

/** Gathers all that a run needs. Throws `TaskFailure`, or what `taskFailureOf` can explain. */
@Injectable()
export class RunPreparation {
  constructor(
    private readonly settings: Settings,
    private readonly agents: AgentCatalog,
    private readonly accounts: RunAccounts,
    private readonly workspaces: Workspaces,
    @Inject(AGENT_RUN_CONFIG) private readonly config: RunConfig,
  ) {}

  /** `messages`: what people said to the task in earlier runs. */
  async prepare(
    { task, session, releasedFor }: ClaimedTask,
    messages: readonly string[],
  ): Promise<PreparedRun> {
    if (!task.prompt?.trim()) throw new TaskFailure('prompt_missing', 'The task has no prompt.');
    if (!task.session_id || !session)
      throw new TaskFailure('workspace_failed', 'The task belongs to no session.');
    const lagMs = clockLagMs(task, this.settings.leaseSeconds, Date.now());
    const [agent, account, workspaceDir] = await Promise.all([
      this.agents.loadAgent(task.agent),
      this.accounts.first(releasedFor, lagMs),
      this.workspaces.prepare(task.session_id),
    ]);
    const resumes = session.engine_session_id;
    const happened = interruptionOf(releasedFor);
    const model = task.model ?? agent.model ?? this.settings.claudeModel;
    const maxTurns = task.limits?.max_turns ?? agent.maxTurns;
    const maxBudgetUsd = task.limits?.max_cost_usd ?? agent.maxCostUsd;
    const spec: RunSpec = {
      runId: randomUUID(),
      prompt: promptOf(task.prompt, { happened, resumes: resumes !== null, messages }),
      workspaceDir,
      instructions: agent.instructions,
      pluginDirs: agent.pluginDirs,
      subagents: agent.subagents,
      permissionMode: agent.permissionMode,
      allowedTools: agent.allowedTools,
      disallowedTools: agent.disallowedTools,
      conversation: resumes ? { kind: 'resume', id: resumes } : { kind: 'new', id: randomUUID() },
      trustWorkspace: false,
      credential: credentialOf(account),
      otherSecrets: account.secrets,
      configDir: this.config.configDir,
      ...(model ? { model } : {}),
      ...(maxTurns ? { maxTurns } : {}),
      ...(maxBudgetUsd ? { maxBudgetUsd } : {}),
      ...(this.settings.anthropicBaseUrl ? { baseUrl: this.settings.anthropicBaseUrl } : {}),
    };
    return { spec, account, agent };
  }
}
