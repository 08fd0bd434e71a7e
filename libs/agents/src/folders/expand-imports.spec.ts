import { describe, expect, it } from '@jest/globals';
import { expandImports } from './expand-imports.js';

const expand = (body: string, files: Record<string, string> = {}) =>
  expandImports({ text: body, file: 'CLAUDE.md', line: 1 }, (path) =>
    Object.hasOwn(files, path) ? (files[path] ?? null) : null,
  );

describe('expandImports', () => {
  it('replaces a mention on a line of its own by the file', () => {
    expect(expand('a\n@./b.md\nc', { 'b.md': 'B\n' })).toMatchObject({ text: 'a\nB\nc', findings: [] });
  });

  it('appends the file of a mention within a sentence, once', () => {
    expect(expand('See @b.md, and again @b.md.', { 'b.md': 'B' }).text).toBe(
      'See @b.md, and again @b.md.\n\nContents of b.md:\n\nB',
    );
  });

  it('takes paths relative to the file they stand in', () => {
    expect(expand('@docs/a.md', { 'docs/a.md': '@b.md\n@../c.md', 'docs/b.md': 'B', 'c.md': 'C' }).text).toBe(
      'B\nC',
    );
  });

  it('leaves code and mentions that are no files alone', () => {
    const body = 'Use @anthropic-ai/sdk, mail me@b.md, `@b.md`\n```\n@b.md\n```\n@someone';
    expect(expand(body, { 'b.md': 'B' })).toEqual({ text: body, findings: [], hints: [] });
  });

  it.each(['@../secret.md', '@/etc/passwd', '@~/x.md', '@a/../../x.md', '@missing/file.md'])(
    'says so when the line %s is no file of the agent',
    (line) => {
      expect(expand(line).findings).toHaveLength(1);
      expect(expand(line).text).toBe(line);
    },
  );

  it('never asks for a file outside of the folder', () => {
    const asked: string[] = [];
    const text = '@../x.md\n@a/../../y.md\nsee @../../z.md\n@ok/../b.md';
    expandImports({ text, file: 'CLAUDE.md', line: 1 }, (path) => {
      asked.push(path);
      return null;
    });
    expect(asked).toEqual(['b.md']);
  });

  it('ends when files import each other', () => {
    expect(expand('@a.md', { 'a.md': 'A\n@b.md', 'b.md': 'B\n@a.md' })).toEqual({
      text: 'A\nB',
      findings: [],
      hints: [],
    });
  });

  it('goes five imports deep and no further', () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}.md`, `@${i + 1}.md`]));
    expect(expand('@0.md', files).findings).toEqual([
      {
        code: 'IMPORT_TOO_DEEP',
        field: '@5.md',
        message: expect.stringContaining('deeper'),
        file: '4.md',
        line: 1,
      },
    ]);
  });

  it('keeps the instructions to 512 kB', () => {
    const files = Object.fromEntries(Array.from({ length: 6 }, (_, i) => [`${i}.md`, 'x'.repeat(100_000)]));
    const { findings } = expand(
      Object.keys(files)
        .map((name) => `@${name}`)
        .join('\n'),
      files,
    );
    expect(findings).toMatchObject([{ field: 'imports', message: expect.stringContaining('512 kB') }]);
  });

  it('hints at a file mentioned in a sentence that is not there, with its line in the file', () => {
    const { findings, hints } = expandImports(
      { text: 'one\nSee @docs/rules.md first, then ask @somebody.', file: 'CLAUDE.md', line: 5 },
      () => null,
    );
    expect(findings).toEqual([]);
    expect(hints).toMatchObject([
      { code: 'IMPORT_NOT_FOUND', field: '@docs/rules.md', file: 'CLAUDE.md', line: 6 },
    ]);
  });
});
