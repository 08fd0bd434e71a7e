import { describe, expect, it } from '@jest/globals';
import { readAgentSettings } from './agent-settings.js';

const findingsOf = (values: Record<string, unknown>) => readAgentSettings(values).findings;

describe('the front matter of an agent', () => {
  it('may be empty', () => {
    expect(readAgentSettings({})).toEqual({
      settings: {
        description: null,
        model: null,
        permissionMode: 'acceptEdits',
        allowedTools: [],
        disallowedTools: [],
        maxTurns: null,
        maxCostUsd: null,
        maxAttempts: null,
      },
      findings: [],
    });
  });

  it('takes tools as a list or as a line with commas', () => {
    for (const tools of [['Read', 'Bash(git log:*)'], 'Read, Bash(git log:*)']) {
      expect(readAgentSettings({ allowed_tools: tools }).settings.allowedTools).toEqual([
        'Read',
        'Bash(git log:*)',
      ]);
    }
  });

  it('reads "inherit" as no model of its own', () => {
    expect(readAgentSettings({ model: 'inherit' })).toMatchObject({
      settings: { model: null },
      findings: [],
    });
  });

  it.each([
    'opus',
    'claude-sonnet-4-5',
    'us.anthropic.claude-x:0',
    'openrouter/anthropic/claude',
    'opus[1m]',
  ])('takes the model %s', (model) => {
    expect(readAgentSettings({ model })).toMatchObject({ settings: { model }, findings: [] });
  });

  it.each(['--dangerously-skip-permissions', 'a b', '$(id)', 'x;y', '', 4, ['opus'], 'a'.repeat(200)])(
    'refuses the model %j',
    (model) => {
      expect(findingsOf({ model })).toMatchObject([
        { field: 'model', message: expect.stringContaining('model name') },
      ]);
    },
  );

  it.each([
    'Read',
    'mcp__github__create_issue',
    'mcp__github__*',
    'Bash(npm run test:*)',
    'WebFetch(domain:example.com)',
  ])('takes the tool %s', (tool) => {
    expect(findingsOf({ allowed_tools: [tool], disallowed_tools: [tool] })).toEqual([]);
  });

  it.each([
    '--mcp-config=x',
    'Read Write',
    'Bash(a,b)',
    'Bash(a),Write',
    'Bash(',
    'Bash(a\nb)',
    '',
    7,
    'Bash(x)(y)',
  ])('refuses the tool %j', (tool) => {
    expect(findingsOf({ allowed_tools: [tool] })).toHaveLength(1);
  });

  it('names every mistake, and the keys there are', () => {
    const findings = findingsOf({
      tools: 'Read',
      max_turns: 1.5,
      max_cost_usd: '5',
      max_attempts: 6,
      permission_mode: 'yolo',
    });
    expect(findings.map(({ field }) => field)).toEqual([
      'tools',
      'permission_mode',
      'max_turns',
      'max_cost_usd',
      'max_attempts',
    ]);
    expect(findings[0]?.message).toContain('allowed_tools');
  });

  it('knows forbidden settings in every spelling', () => {
    for (const key of [
      'hooks',
      'mcpServers',
      'mcp_servers',
      'MCP-Servers',
      'apiKeyHelper',
      'api_key_helper',
    ]) {
      expect(findingsOf({ [key]: {} })).toEqual([expect.objectContaining({ field: key, forbidden: true })]);
    }
  });
});
