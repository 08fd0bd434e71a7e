import { describe, expect, it } from '@jest/globals';
import { parseScript } from './parse-script.js';

describe('a script file', () => {
  it('is read as it is documented', () => {
    const script = {
      default: 'fix',
      scenarios: {
        fix: [
          { blocks: [{ type: 'tool_use', name: 'Bash', input: { command: 'ls' } }], delayMs: 5 },
          { usageLimit: { seconds: 5, forKey: 'sk-ant-oat01-first', claim: 'seven_day_opus' } },
          { error: { status: 529, type: 'overloaded_error', message: 'Overloaded', times: 2 }, blocks: [] },
        ],
      },
    };
    expect(parseScript(JSON.stringify(script))).toEqual(script);
  });

  it('names the place of a mistake', () => {
    const script = { scenarios: { fix: [{ blocks: [{ type: 'text' }] }] } };
    expect(() => parseScript(JSON.stringify(script))).toThrow(
      'scenarios.fix[0].blocks[0].text has to be a text',
    );
  });
});
