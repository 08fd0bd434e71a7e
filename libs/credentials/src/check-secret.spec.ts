import { describe, expect, it } from '@jest/globals';
import { checkSecret } from './check-secret.js';
import type { CredentialKind } from './credential.js';

const KEY = 'sk-ant-api03-abcdefghijklmnop';
const TOKEN = 'sk-ant-oat01-abcdefghijklmnop';

function refusal(kind: CredentialKind, secret: string, gateway = false): string | null {
  try {
    checkSecret('claude', kind, secret, { gateway });
    return null;
  } catch (error) {
    expect(error).toMatchObject({ code: 'INVALID_CREDENTIAL' });
    return error instanceof Error ? error.message : '';
  }
}

describe('checkSecret', () => {
  it('takes keys and tokens', () => {
    expect(refusal('api_key', KEY)).toBeNull();
    expect(refusal('oauth_token', TOKEN)).toBeNull();
  });

  it.each([
    ['', 'empty'],
    [`${KEY}\n`, 'line break'],
    [`${KEY} `, 'space'],
    [`sk-ant-…${'x'.repeat(20)}`, 'characters'],
    [`${KEY}\u0000`, 'characters'],
    ['sk-ant-x', 'too short'],
    [`sk-ant-${'x'.repeat(600)}`, 'too long'],
    ['sk-proj-abcdefghijklmnop', 'begins with sk-ant-'],
    [TOKEN, 'oauth_token'],
  ])('says what is wrong with the key %j', (secret, words) => {
    expect(refusal('api_key', secret)).toContain(words);
  });

  it('says when a key is sent as a token', () => {
    expect(refusal('oauth_token', KEY)).toContain('api_key');
  });

  it('takes the keys of a gateway, but no blanks', () => {
    expect(refusal('api_key', 'litellm-master-key-1', true)).toBeNull();
    expect(refusal('api_key', 'litellm master key 1', true)).toContain('space');
  });

  it('takes the tokens of other providers as they are, but no key of Claude among them', () => {
    expect(() => checkSecret('github', 'token', 'ghp_0123456789abcdef', { gateway: false })).not.toThrow();
    expect(() => checkSecret('jira', 'token', 'ATATT3xFfGF0=12345', { gateway: false })).not.toThrow();
    expect(() => checkSecret('github', 'token', KEY, { gateway: true })).toThrow('credential of Claude');
    expect(() => checkSecret('github', 'token', 'ghp_01234567 89abcdef', { gateway: false })).toThrow(
      'space',
    );
  });

  it('never repeats the secret', () => {
    for (const secret of [`${KEY}\n`, `CANARY${'x'.repeat(30)}`]) {
      expect(refusal('api_key', secret)).not.toContain(secret.slice(0, 6) === 'CANARY' ? 'CANARY' : KEY);
    }
  });
});
