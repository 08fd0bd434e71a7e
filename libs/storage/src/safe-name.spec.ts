import { describe, expect, it } from '@jest/globals';
import { AppError } from '@app/contracts';
import { assertSafeName, isSafeName } from './safe-name.js';

describe('a name that a user chooses', () => {
  it.each(['a', '0', 'planning', 'custom-agent-1', 'a'.repeat(63)])('may be %s', (name) => {
    expect(isSafeName(name)).toBe(true);
  });

  it.each([
    '',
    '../x',
    '..%2f',
    'a/b',
    'a\\b',
    '.',
    'con',
    'nul',
    'com1',
    'a\0b',
    'a'.repeat(64),
    'a'.repeat(300),
    'trailing.',
    '\u202egnp',
    'ｆｕｌｌ',
    '-rf',
    '--help',
    'Foo',
    'a_b',
    ' a',
    'a\n',
  ])('may not be %j', (name) => {
    expect(() => assertSafeName(name, 'agent')).toThrow(AppError);
    expect(() => assertSafeName(name, 'agent')).toThrow(expect.objectContaining({ code: 'INVALID_NAME' }));
  });
});
