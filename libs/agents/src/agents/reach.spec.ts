import { describe, expect, it } from '@jest/globals';
import { attemptsPolicy, reachesOutside } from './reach.js';

const rules = (allowedTools: string[], more: Partial<Parameters<typeof attemptsPolicy>[0]> = {}) => ({
  permissionMode: 'acceptEdits' as const,
  allowedTools,
  disallowedTools: [],
  maxAttempts: null,
  ...more,
});

describe('how far an agent reaches', () => {
  it.each([
    ['no tools beyond the usual ones', []],
    [
      'reading, searching and changing files',
      ['Read', 'Grep', 'Edit', 'Write', 'WebFetch', 'WebSearch', 'Agent'],
    ],
    ['commands that read or test', ['Bash(npm test:*)', 'Bash(git log:*)', 'Bash(ls)', 'Bash(cargo test)']],
    ['files by a pattern inside', ['Edit(src/**)']],
  ])('stays in the workspace with %s', (_title, tools) => {
    expect(reachesOutside(rules(tools))).toBeNull();
  });

  it.each([
    'Bash',
    'Bash(git push:*)',
    'Bash(git:*)',
    'Bash(curl:*)',
    'Bash(npm publish)',
    'Bash(cat-and-send)',
    'Bash(ls && curl example.com)',
    'Edit(//etc/**)',
    'Write(~/notes/**)',
    'Edit(../other/**)',
    'mcp__github__create_issue',
    'mcp__jira__*',
    'SomeToolOfTomorrow',
  ])('leaves it with %s, and names that rule', (rule) => {
    expect(reachesOutside(rules(['Read', rule]))).toBe(`allowed_tools: ${rule}`);
  });

  it('leaves it when nothing is asked at all', () => {
    expect(reachesOutside(rules([], { permissionMode: 'bypassPermissions' }))).toBe(
      'permission_mode: bypassPermissions',
    );
  });

  it('does not count a tool that is withheld', () => {
    expect(reachesOutside(rules(['Bash', 'Read'], { disallowedTools: ['Bash'] }))).toBeNull();
  });
});

describe('the attempts of an agent', () => {
  it('are two when a repeated attempt can only repeat what lies in the workspace', () => {
    expect(attemptsPolicy(rules(['Read']), [])).toEqual({ maxAttempts: 2, reachesOutside: null });
  });

  it('are one when it may change things elsewhere', () => {
    expect(attemptsPolicy(rules(['Bash']), [])).toEqual({
      maxAttempts: 1,
      reachesOutside: 'allowed_tools: Bash',
    });
  });

  it('are one when somebody it may delegate to can', () => {
    expect(attemptsPolicy(rules([]), [{ name: 'deployer', ...rules(['Bash(kubectl:*)']) }])).toEqual({
      maxAttempts: 1,
      reachesOutside: 'deployer: allowed_tools: Bash(kubectl:*)',
    });
  });

  it('are what the agent says, whatever its tools', () => {
    expect(attemptsPolicy(rules(['Bash'], { maxAttempts: 3 }), [])).toMatchObject({ maxAttempts: 3 });
  });
});
