import { describe, expect, it } from '@jest/globals';
import { readFrontMatter } from './front-matter.js';

const messageOf = (text: string): string => readFrontMatter(text).findings[0]?.message ?? '';

describe('readFrontMatter', () => {
  it('splits settings and text', () => {
    expect(readFrontMatter('---\nmodel: opus\n---\n\nBody.\n')).toEqual({
      values: { model: 'opus' },
      lines: new Map([['model', 2]]),
      body: '\nBody.\n',
      bodyLine: 4,
      findings: [],
    });
  });

  it.each([
    ['no front matter', 'Only text.', {}, 'Only text.'],
    ['an empty one', '---\n---\nBody.', {}, 'Body.'],
    [
      'Windows line ends and a byte order mark',
      '\uFEFF---\r\nmodel: opus\r\n---\r\nBody.',
      { model: 'opus' },
      'Body.',
    ],
    ['lines of dashes further down', 'Text.\n---\nmore: text\n---\n', {}, 'Text.\n---\nmore: text\n---\n'],
    ['no text below', '---\nmodel: opus\n---', { model: 'opus' }, ''],
  ])('understands %s', (_what, text, values, body) => {
    expect(readFrontMatter(text)).toMatchObject({ values, body, findings: [] });
  });

  it('says what is wrong in one line', () => {
    expect(messageOf('---\nmodel: opus\n')).toContain('no second line ---');
    expect(messageOf('---\n- a\n- b\n---\nx')).toContain('key: value');
    expect(messageOf('---\nmodel: a\nmodel: b\n---\nx')).toContain('unique');
    expect(messageOf('---\na: "\n---\nx')).not.toContain('\n');
  });

  it('refuses an alias bomb at once', () => {
    const levels = Array.from(
      { length: 9 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(9).fill(`*l${i}`).join(', ')}]`,
    );
    const began = performance.now();
    expect(messageOf(`---\nl0: &l0 [x]\n${levels.join('\n')}\n---\nx`)).toContain('aliases are not allowed');
    expect(performance.now() - began).toBeLessThan(500);
  });

  it('refuses merge keys, which are aliases too', () => {
    expect(messageOf('---\na: &a {model: opus}\nb:\n  <<: *a\n---\nx')).toContain('aliases are not allowed');
  });

  it.each(['!!js/function "() => 1"', '!!python/object:os.system x', '!custom x', '!!binary aGk='])(
    'refuses the tag in %s',
    (value) => {
      expect(readFrontMatter(`---\ndescription: ${value}\n---\nx`)).toMatchObject({
        values: {},
        findings: [{ field: 'front matter' }],
      });
    },
  );

  it('survives a tower of brackets', () => {
    expect(readFrontMatter(`---\na: ${'['.repeat(8000)}\n---\nx`).findings).toHaveLength(1);
    expect(readFrontMatter(`---\na: ${'{a: '.repeat(3000)}\n---\nx`).findings).toHaveLength(1);
  });

  it('refuses front matter that is too long', () => {
    expect(messageOf(`---\na: ${'x'.repeat(17_000)}\n---\nx`)).toContain('16 kB');
  });

  it('pollutes no prototype', () => {
    readFrontMatter(
      '---\n__proto__:\n  polluted: yes\nconstructor:\n  prototype:\n    polluted: yes\n---\nx',
    );
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('knows the line of each key, of the body and of a mistake', () => {
    const { lines, bodyLine } = readFrontMatter('---\n# why\nmodel: opus\n\nmax_turns: 3\n---\nBody.');
    expect([...lines]).toEqual([
      ['model', 3],
      ['max_turns', 5],
    ]);
    expect(bodyLine).toBe(7);
    expect(readFrontMatter('---\nmodel: opus\nmodel: haiku\n---\nx').findings[0]?.line).toBe(3);
  });
});
