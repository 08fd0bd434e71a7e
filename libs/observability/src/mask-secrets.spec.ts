import { describe, expect, it } from '@jest/globals';
import { maskSecrets } from './mask-secrets.js';

describe('maskSecrets', () => {
  it.each(['cca_', 'ccl_', 'sk-ant-api03-', 'ghp_', 'github_pat_'])(
    'leaves four characters of a %s secret',
    (prefix) => {
      const masked = maskSecrets(`{"msg":"used ${prefix}${'x'.repeat(39)}WXYZ today"}`);
      expect(masked).not.toContain('xxxx');
      expect(masked).toContain('…WXYZ today');
    },
  );

  it('leaves other text alone', () => {
    expect(maskSecrets('cca_short and success_cca')).toBe('cca_short and success_cca');
  });
});
