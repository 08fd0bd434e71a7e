import { describe, expect, it } from '@jest/globals';
import { splitToolList, toolsOfSubagent } from './tool-rules.js';

describe('splitToolList', () => {
  it('splits at commas outside of parentheses', () => {
    expect(splitToolList('Read, Bash(a, b) ,Write,')).toEqual(['Read', 'Bash(a, b)', 'Write']);
  });
});

describe('the tools of a subagent', () => {
  it('are what it could use when it runs by itself', () => {
    expect(toolsOfSubagent('default', ['WebFetch'])).toEqual(['Read', 'Glob', 'Grep', 'Skill', 'WebFetch']);
    expect(toolsOfSubagent('acceptEdits', ['Bash'])).toEqual(
      expect.arrayContaining(['Edit', 'Write', 'Bash', 'Read']),
    );
    expect(toolsOfSubagent('bypassPermissions', ['Bash'])).toBeUndefined();
  });
});
