import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { REASONS } from './reason-codes.js';

describe('the reasons', () => {
  it('are in the documentation word for word, each of them and no other', () => {
    const table = readFileSync('docs/tasks.md', 'utf8').split('| code | what it says |')[1]?.split('\n\n')[0];
    const documented = (table ?? '').split('\n').filter((line) => line.startsWith('| `'));
    expect(documented.sort()).toEqual(
      Object.entries(REASONS)
        .map(
          ([code, { title, remedy, retryable }]) =>
            `| \`${code}\` | ${title} | ${remedy} | ${retryable ? 'yes' : 'no'} |`,
        )
        .sort(),
    );
  });
});
