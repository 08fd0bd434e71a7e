import type { AgentDefinition, CanUseTool, Options } from '@anthropic-ai/claude-agent-sdk';
import type { RunSpec, SubagentSpec } from '../agent-engine.js';

type Wiring = Required<Pick<Options, 'env' | 'spawnClaudeCodeProcess'>> & {
  canUseTool: CanUseTool;
  executable: string | undefined;
};

/**
 * Tools that reach beyond their run: other runs of this machine, which may belong to somebody else, and times when
 * the process no longer lives.
 */
const WITHHELD_TOOLS = [
  'ListAgents',
  'RemoteTrigger',
  'CronCreate',
  'CronDelete',
  'CronList',
  'ScheduleWakeup',
];

/** The SDK options of a run. What could be left out and has a default that is wrong for a service is always set. */
export function runOptions(spec: RunSpec, { executable, ...wiring }: Wiring): Options {
  return {
    ...wiring,
    ...(executable === undefined ? {} : { pathToClaudeCodeExecutable: executable }),
    cwd: spec.workspaceDir,
    includePartialMessages: true,
    forwardSubagentText: true,
    systemPrompt: {
      type: 'preset',
      preset: 'claude_code',
      ...(spec.instructions === '' ? {} : { append: spec.instructions }),
      // A recorded prompt would keep the instructions of a session's first run, whatever agent runs it later.
      snapshot: false,
    },
    // Left out, both would mean more than nothing: all sources, and perhaps the mode `auto`.
    settingSources: spec.trustWorkspace ? ['project'] : [],
    permissionMode: spec.permissionMode,
    ...(spec.permissionMode === 'bypassPermissions' ? { allowDangerouslySkipPermissions: true } : {}),
    strictMcpConfig: true,
    // By default a run takes messages from every other run of the same config dir: one task could instruct another.
    settings: { crossSessionInbound: 'refuse' },
    plugins: spec.pluginDirs.map((path) => ({ type: 'local', path })),
    allowedTools: spec.allowedTools,
    disallowedTools: [...WITHHELD_TOOLS, ...spec.disallowedTools],
    ...(spec.subagents.length === 0 ? {} : { agents: subagentDefinitions(spec.subagents) }),
    ...(spec.model === undefined ? {} : { model: spec.model }),
    ...(spec.maxTurns === undefined ? {} : { maxTurns: spec.maxTurns }),
    ...(spec.maxBudgetUsd === undefined ? {} : { maxBudgetUsd: spec.maxBudgetUsd }),
    ...conversationOptions(spec.conversation),
  };
}

function conversationOptions(conversation: RunSpec['conversation']): Options {
  switch (conversation.kind) {
    case 'new':
      return { sessionId: conversation.id };
    case 'resume':
      return { resume: conversation.id };
    case 'fork':
      return { resume: conversation.from, forkSession: true, sessionId: conversation.id };
  }
}

function subagentDefinitions(subagents: readonly SubagentSpec[]): Record<string, AgentDefinition> {
  const definitions = subagents.map(({ name, description, prompt, model, allowedTools, disallowedTools }) => {
    const definition: AgentDefinition = {
      description,
      prompt,
      ...(model === undefined ? {} : { model }),
      ...(allowedTools === undefined ? {} : { tools: allowedTools }),
      ...(disallowedTools === undefined ? {} : { disallowedTools }),
    };
    return [name, definition] as const;
  });
  return Object.fromEntries(definitions);
}
