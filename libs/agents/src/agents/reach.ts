import type { AgentSettings } from './agent.js';

/** What decides how far an agent reaches: an agent's settings, or those of one that it may delegate to. */
type Rules = Pick<AgentSettings, 'permissionMode' | 'allowedTools' | 'disallowedTools'>;

/** An attempt that was lost may be repeated unseen when all its traces are in the workspace. */
const ATTEMPTS_INSIDE = 2;
const ATTEMPTS_OUTSIDE = 1;

/** Tools that read, change files, or talk within the run. `WebFetch` sends GET requests, which change nothing. */
const INSIDE: ReadonlySet<string> = new Set([
  'Agent',
  'AskUserQuestion',
  'BashOutput',
  'Edit',
  'EnterPlanMode',
  'ExitPlanMode',
  'Glob',
  'Grep',
  'KillShell',
  'NotebookEdit',
  'Read',
  'Skill',
  'Task',
  'TaskOutput',
  'TaskStop',
  'TodoWrite',
  'ToolSearch',
  'WebFetch',
  'WebSearch',
  'Write',
]);

/** Commands that read, or build and test what lies in the workspace. `git` is here by its local subcommands only. */
const LOCAL_COMMANDS =
  /^(?:cat|diff|du|echo|file|grep|head|jq|ls|pwd|rg|sort|stat|tail|tree|wc|which|eslint|jest|prettier|pytest|tsc|vitest|(?:npm|pnpm|yarn) (?:test|run (?:build|check|lint|test))|(?:cargo|go) (?:build|check|test|vet)|make (?:build|check|lint|test)|git (?:add|blame|branch|commit|diff|log|show|status))(?![\w-])/;

/**
 * Whether the agent may change things outside its workspace, judged by its rules alone: the rule that lets it, or
 * null. A tool that is not known to stay inside counts as reaching outside, MCP tools among them.
 */
export function reachesOutside(rules: Rules): string | null {
  if (rules.permissionMode === 'bypassPermissions') return 'permission_mode: bypassPermissions';
  const withheld = new Set(rules.disallowedTools);
  const rule = rules.allowedTools.find(
    (allowed) => !withheld.has(toolOf(allowed)) && leavesWorkspace(allowed),
  );
  return rule === undefined ? null : `allowed_tools: ${rule}`;
}

export interface AttemptsPolicy {
  maxAttempts: number;
  /** Why it may change things outside its workspace; null when it may not. */
  reachesOutside: string | null;
}

/**
 * How often a task of the agent may be begun when its worker is lost. What the agent says counts; without a word of it,
 * one attempt when it or somebody it may delegate to can change things outside the workspace, for a second one might do
 * them twice.
 */
export function attemptsPolicy(
  settings: Rules & Pick<AgentSettings, 'maxAttempts'>,
  team: readonly ({ name: string } & Rules)[],
): AttemptsPolicy {
  const outside = reachesOutside(settings) ?? ruleOfTeam(team);
  return {
    maxAttempts: settings.maxAttempts ?? (outside === null ? ATTEMPTS_INSIDE : ATTEMPTS_OUTSIDE),
    reachesOutside: outside,
  };
}

function ruleOfTeam(team: readonly ({ name: string } & Rules)[]): string | null {
  for (const member of team) {
    const rule = reachesOutside(member);
    if (rule !== null) return `${member.name}: ${rule}`;
  }
  return null;
}

function leavesWorkspace(rule: string): boolean {
  const tool = toolOf(rule);
  const scope = rule.slice(tool.length).replace(/^\(|\)$/g, '');
  if (tool === 'Bash') return !LOCAL_COMMANDS.test(scope) || /[;&|<>$`]/.test(scope);
  // A rule for files can name places elsewhere.
  return !INSIDE.has(tool) || (EDITS.has(tool) && /^[/~]|\.\./.test(scope));
}

const EDITS: ReadonlySet<string> = new Set(['Edit', 'NotebookEdit', 'Write']);

function toolOf(rule: string): string {
  return /^[^(]*/.exec(rule)?.[0] ?? rule;
}
