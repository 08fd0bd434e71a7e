/**
 * The tools of Claude Code 2.1.330, as its own first event lists them, with those that are there only when they are
 * named. A test compares the list with the program that is installed.
 */
export const KNOWN_TOOLS: ReadonlySet<string> = new Set([
  'Agent',
  'AskUserQuestion',
  'Bash',
  'Edit',
  'EnterPlanMode',
  'EnterWorktree',
  'ExitPlanMode',
  'ExitWorktree',
  'Glob',
  'Grep',
  'Monitor',
  'NotebookEdit',
  'Read',
  'ReportFindings',
  'SendMessage',
  'Skill',
  'Task',
  'TaskCreate',
  'TaskGet',
  'TaskList',
  'TaskStop',
  'TaskUpdate',
  'TodoWrite',
  'ToolSearch',
  'WebFetch',
  'WebSearch',
  'Workflow',
  'Write',
]);

/** They reach beyond their run, so no background run gets them. */
export const WITHHELD_TOOLS: ReadonlySet<string> = new Set([
  'CronCreate',
  'CronDelete',
  'CronList',
  'ListAgents',
  'RemoteTrigger',
  'ScheduleWakeup',
]);

/** `mcp__server`, `mcp__server__tool` or `mcp__server__*`: which of them there are depends on the servers. */
const MCP_TOOL = /^mcp__[A-Za-z0-9-]+(?:_[A-Za-z0-9-]+)*(?:__(?:\*|[\w-]+))?$/;

export type ToolVerdict = 'known' | 'withheld' | 'unknown';

/** `rule` is a tool, or a rule such as `Bash(npm test:*)`. */
export function judgeTool(rule: string): ToolVerdict {
  const tool = /^[^(]*/.exec(rule)?.[0] ?? rule;
  if (WITHHELD_TOOLS.has(tool)) return 'withheld';
  return KNOWN_TOOLS.has(tool) || MCP_TOOL.test(tool) ? 'known' : 'unknown';
}

/** What was probably meant: the same but for upper and lower case and `_`. Null when nothing is that near. */
export function nearestTool(rule: string): string | null {
  const folded = (/^[^(]*/.exec(rule)?.[0] ?? rule).toLowerCase().replace(/[_-]/g, '');
  return [...KNOWN_TOOLS].find((tool) => tool.toLowerCase() === folded) ?? null;
}
