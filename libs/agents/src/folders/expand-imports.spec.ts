import { describe, expect, it } from '@jest/globals';
import { expandImports } from './expand-imports.js';

const expand = (body: string, files: Record<string, string> = {}) =>
  expandImports(body, (path) => (Object.hasOwn(files, path) ? (files[path] ?? null) : null));

describe('expandImports', () => {
  it('replaces a mention on a line of its own by the file', () => {
    expect(expand('a\n@./b.md\nc', { 'b.md': 'B\n' })).toEqual({ text: 'a\nB\nc', findings: [] });
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
    expect(expand(body, { 'b.md': 'B' })).toEqual({ text: body, findings: [] });
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
    expandImports('@../x.md\n@a/../../y.md\nsee @../../z.md\n@ok/../b.md', (path) => {
      asked.push(path);
      return null;
    });
    expect(asked).toEqual(['b.md']);
  });

  it('ends when files import each other', () => {
    expect(expand('@a.md', { 'a.md': 'A\n@b.md', 'b.md': 'B\n@a.md' })).toEqual({
      text: 'A\nB',
      findings: [],
    });
  });

  it('goes five imports deep and no further', () => {
    const files = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}.md`, `@${i + 1}.md`]));
    expect(expand('@0.md', files).findings).toEqual([
      { field: '@5.md', message: expect.stringContaining('deeper') },
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
    expect(findings).toEqual([{ field: 'imports', message: expect.stringContaining('512 kB') }]);
  });
});
