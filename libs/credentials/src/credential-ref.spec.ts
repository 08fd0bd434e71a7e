import { describe, expect, it } from '@jest/globals';
import { fileNameOf, refOf, refOfFileName, sealingContextOf } from './credential-ref.js';

describe('the place of a credential', () => {
  it('is the file of the founding document for the default one, and a file beside it for others', () => {
    expect(fileNameOf({ provider: 'claude', label: 'default' })).toBe('claude.json');
    expect(fileNameOf({ provider: 'claude', label: 'second' })).toBe('claude.second.json');
  });

  it('is read back from the name of the file', () => {
    expect(refOfFileName('claude.json')).toEqual({ provider: 'claude', label: 'default' });
    expect(refOfFileName('github.ci-bot.json')).toEqual({ provider: 'github', label: 'ci-bot' });
  });

  it.each([
    'keyring.json',
    'usage.json',
    'status.json',
    'master.key',
    'claude.default.json',
    'claude.Second.json',
    'claude..json',
    '.claude.json.0123456789ab.tmp',
    'claude.json.bak',
  ])('is not %s', (name) => {
    expect(refOfFileName(name)).toBeNull();
  });

  it.each(['', '../x', 'a/b', 'a.b', 'A', '-x', 'x'.repeat(33), 'sk-ant-api03-abc'])(
    'has no label %j',
    (label) => {
      expect(refOf('claude', label)).toBeNull();
    },
  );

  it('is part of what the cipher is bound to; the default one is bound as ever', () => {
    expect(sealingContextOf({ provider: 'claude', label: 'default' }, 'k')).toBe('cred:v1:claude:k');
    expect(sealingContextOf({ provider: 'claude', label: 'second' }, 'k')).toBe('cred:v1:claude/second:k');
  });
});
