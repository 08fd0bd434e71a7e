import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { judgeTool, KNOWN_TOOLS } from '../../../libs/agents/src/checks/known-tools.js';
import { eventsOf, openBench, type Bench } from '../engines/bench-of-runs.js';

let bench: Bench;
beforeAll(async () => {
  bench = await openBench();
});
afterAll(() => bench.close());

it('every tool that the installed Claude Code has is known to the checks of agents', async () => {
  const { events } = await bench.run('SCENARIO:plain', { allowedTools: [...KNOWN_TOOLS] });
  const tools = eventsOf(events, 'init')[0]?.tools ?? [];
  expect(tools).toContain('Grep');
  expect(tools.filter((tool) => judgeTool(tool) !== 'known')).toEqual([]);
});

it('tools of MCP servers are known by their form, and nothing else is', () => {
  for (const tool of ['mcp__jira__search', 'mcp__jira__*', 'mcp__jira', 'Bash(npm test:*)']) {
    expect([tool, judgeTool(tool)]).toEqual([tool, 'known']);
  }
  for (const tool of ['bash', 'mcp_jira_search', 'mcp__', 'Reed(x)'])
    expect([tool, judgeTool(tool)]).toEqual([tool, 'unknown']);
  expect(judgeTool('CronCreate')).toBe('withheld');
});
