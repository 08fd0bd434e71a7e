/**
 * `Read`, `mcp__server__tool`, `mcp__server__*`, or a rule such as `Bash(npm run test:*)`. The engine passes rules
 * on as one comma-separated argument, so a comma inside a rule could turn it into two: refused.
 */
export const TOOL_RULE = /^[A-Za-z][\w-]{0,127}(?:__\*)?(?:\([^(),\p{C}]{1,256}\))?$/u;

/** Claude Code writes lists of tools as `Read, Grep, Bash(git log:*)`; YAML lists are accepted as well. */
export function splitToolList(text: string): string[] {
  return text
    .split(/,(?![^(]*\))/)
    .map((rule) => rule.trim())
    .filter((rule) => rule !== '');
}

const READ_TOOLS = ['Read', 'Glob', 'Grep', 'Skill'];
const EDIT_TOOLS = ['Edit', 'Write', 'NotebookEdit'];

/**
 * What an agent can use when it runs by itself without anybody to ask, as the list of tools that it gets as a
 * subagent: there, a tool that is on the list is governed by the rules of the agent that delegates.
 */
export function toolsOfSubagent(
  permissionMode: string,
  allowedTools: readonly string[],
): string[] | undefined {
  if (permissionMode === 'bypassPermissions') return undefined;
  const edits = permissionMode === 'acceptEdits' ? EDIT_TOOLS : [];
  return [...new Set([...READ_TOOLS, ...edits, ...allowedTools])];
}
