import { describe, expect, it } from '@jest/globals';
import { defineSkill } from './skill.js';

const define = (skillMd: string, more: string[] = []) =>
  defineSkill(
    'tests',
    'user',
    new Map(
      [['SKILL.md', skillMd], ...more.map((path) => [path, 'x'] as const)].map(([path, text]) => [
        path ?? '',
        { content: Buffer.from(text ?? ''), executable: false },
      ]),
    ),
  );

describe('defineSkill', () => {
  it('takes a skill as Claude Code has it, with keys of its own', () => {
    expect(
      define('---\nname: tests\ndescription: Runs tests.\nallowed-tools: Bash\nlicense: MIT\n---\nRun.'),
    ).toMatchObject({
      description: 'Runs tests.',
      findings: [],
    });
  });

  it('needs no name beside that of the folder, and takes no other', () => {
    expect(define('---\ndescription: Runs tests.\n---\nRun.').findings).toEqual([]);
    expect(define('---\nname: other\ndescription: x\n---\nRun.').findings).toMatchObject([{ field: 'name' }]);
  });

  it('needs a description, because the model chooses by it', () => {
    expect(define('Run.').findings).toMatchObject([{ field: 'description' }]);
    expect(define('---\ndescription: 7\n---\nx').findings).toMatchObject([{ field: 'description' }]);
  });

  it('refuses hooks and settings', () => {
    expect(define('---\ndescription: x\nhooks: {}\n---\nx').findings).toMatchObject([
      { field: 'hooks', forbidden: true },
    ]);
    expect(define('---\ndescription: x\n---\nx', ['hooks/hooks.json']).findings).toMatchObject([
      { forbidden: true },
    ]);
  });
});
