import { randomBytes } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { loadSettings } from '@app/config';
import { Paths } from '@app/paths';
import { DataFiles } from '@app/storage';
import { openCredential, sealCredential } from '../../../libs/credentials/src/credential-file.js';
import { CredentialUse } from '../../../libs/credentials/src/credential-use.js';
import { Keyring } from '../../../libs/credentials/src/keyring.js';
import { MasterKey } from '../../../libs/credentials/src/master-key.js';
import { MasterKeys } from '../../../libs/credentials/src/master-keys.js';
import { tempDataDir } from '../../support/temp-folder.js';

async function volume() {
  const paths = new Paths(loadSettings({ DATA_DIR: await tempDataDir(), APP_DIR: '.' }));
  return { paths, files: new DataFiles(paths) };
}

const someMasterKey = () => {
  const key = new MasterKey(randomBytes(32));
  return MasterKeys.read(() => Promise.resolve([key]));
};
const CLAUDE = { provider: 'claude', label: 'default' } as const;
const SECOND = { provider: 'claude', label: 'second' } as const;
const GITHUB = { provider: 'github', label: 'default' } as const;

describe('a sealed credential', () => {
  const facts = (provider: string) => ({
    provider,
    credential_id: 'id',
    kind: 'api_key' as const,
    masked: '…x',
    created_at: new Date().toISOString(),
  });

  it.each([
    ['another provider', GITHUB],
    ['another label', SECOND],
  ])('does not open in the place of %s', async (_what, other) => {
    const { paths, files } = await volume();
    const keyring = new Keyring(await someMasterKey(), files, paths);
    const key = await keyring.sealingKey();
    const file = sealCredential(CLAUDE, facts('claude'), 'the secret', key);
    const others = sealCredential(other, facts(other.provider), 'the other', key);
    await expect(openCredential(CLAUDE, file, keyring)).resolves.toBe('the secret');
    const swapped = { ...file, iv: others.iv, ciphertext: others.ciphertext, tag: others.tag };
    await expect(openCredential(CLAUDE, swapped, keyring)).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
    await expect(openCredential(CLAUDE, others, keyring)).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
    await expect(openCredential(other, file, keyring)).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
  });

  it('does not open under the id of another key, nor of none', async () => {
    const { paths, files } = await volume();
    const first = new Keyring(await someMasterKey(), files, paths);
    const file = sealCredential(CLAUDE, facts('claude'), 'secret', await first.sealingKey());
    const second = new Keyring(await someMasterKey(), files, paths);
    const { kid } = await second.sealingKey();
    await expect(openCredential(CLAUDE, { ...file, kid }, second)).rejects.toMatchObject({
      code: 'DECRYPT_FAILED',
    });
    await expect(openCredential(CLAUDE, { ...file, kid: 'none' }, first)).rejects.toMatchObject({
      code: 'DECRYPT_FAILED',
    });
    await expect(openCredential(CLAUDE, file, second)).rejects.toMatchObject({ code: 'KEK_MISMATCH' });
  });
});

describe('the last use of a credential', () => {
  it('is written at most once a minute', async () => {
    const { paths, files } = await volume();
    let now = new Date('2026-01-22T10:00:00.000Z');
    const use = new CredentialUse(files, paths, () => now);
    const written = () => new CredentialUse(files, paths, () => now).lastUsed('a');
    await use.note('a');
    now = new Date('2026-01-22T10:00:59.000Z');
    await use.note('a');
    expect(await written()).toBe('2026-01-22T10:00:00.000Z');
    expect(await use.lastUsed('a')).toBe('2026-01-22T10:00:59.000Z');
    now = new Date('2026-01-22T10:01:00.000Z');
    await use.note('a');
    expect(await written()).toBe('2026-01-22T10:01:00.000Z');
    expect(await written().then(() => use.lastUsed('b'))).toBeNull();
  });
});
