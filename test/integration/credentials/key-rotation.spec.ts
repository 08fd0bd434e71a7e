import { cpSync } from 'node:fs';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { loadSettings } from '@app/config';
import {
  CredentialPool,
  CredentialsModule,
  KeyRotation,
  presentKekIds,
  storedKekId,
  type Provider,
} from '@app/credentials';
import { Paths } from '@app/paths';
import { Program, tempDataDir } from '../../support/index.js';
import { serve } from '../agents/serve.js';

jest.setTimeout(120_000);

const SECRETS = {
  first: 'sk-ant-api03-CANARY-first-0123456789',
  second: 'sk-ant-oat01-CANARY-second-0123456789',
  github: 'ghp_CANARYgithub0123456789',
} as const;

describe('the keys of the credentials', () => {
  let dataDir: string;
  let app: NestExpressApplication | null;
  let env: Record<string, string>;
  const settings = () => loadSettings({ DATA_DIR: dataDir, ...env });
  const paths = () => new Paths(settings());
  const keys = () => new KeyRotation(settings(), paths());
  const file = (name: string) => join(dataDir, 'credentials', name);
  const masterKeys = async () => (await readFile(file('master.key'), 'utf8')).trim().split('\n');
  const stored = async (name: string) => JSON.parse(await readFile(file(name), 'utf8'));
  const running = () => app ?? Promise.reject(new Error('the service does not run'));
  const start = async () => (app = await serve(CredentialsModule.for(settings())));
  const stop = async () => {
    await app?.close();
    app = null;
  };
  const store = async (body: object) =>
    request((await running()).getHttpServer())
      .post('/api/credentials')
      .send(body)
      .expect(201);
  const secretsOf = async (provider: Provider) => {
    const pool = (await running()).get(CredentialPool);
    const tried = new Set<string>();
    const secrets: string[] = [];
    for (;;) {
      const taken = await pool.take(provider, { tried });
      if (taken.kind !== 'taken') return secrets.sort();
      tried.add(taken.credential.credentialId);
      secrets.push(taken.credential.secret);
    }
  };
  const expectAllReadable = async () => {
    expect(await secretsOf('claude')).toEqual([SECRETS.first, SECRETS.second].sort());
    expect(await secretsOf('github')).toEqual([SECRETS.github]);
  };

  beforeEach(async () => {
    dataDir = await tempDataDir();
    env = {};
    await start();
    await store({ api_key: SECRETS.first });
    await store({ label: 'second', oauth_token: SECRETS.second });
    await store({ provider: 'github', token: SECRETS.github });
  });

  afterEach(stop);

  it('can get a new master key while the service runs, which reads what was and stores what comes', async () => {
    const [old] = await masterKeys();
    await keys().rotate();
    const [current, ...others] = await masterKeys();
    expect(current).not.toBe(old);
    expect(others).toEqual([old]);
    await expectAllReadable();
    expect(await presentKekIds(settings(), paths())).toContain(await storedKekId(paths()));
    await store({ api_key: SECRETS.first });
    await expectAllReadable();
  });

  it('can all be new: then the old ones open nothing any more and are gone', async () => {
    const oldKeyring = await stored('keyring.json');
    const oldMaster = await readFile(file('master.key'), 'utf8');
    const oldKid = (await stored('claude.second.json')).kid;
    await keys().rotate();
    expect(await keys().rewrap({ dropOld: false })).toEqual({
      credentials: 3,
      unreadable: [],
      oldMasterKeys: 1,
    });
    await expectAllReadable();
    expect((await stored('claude.second.json')).kid).not.toBe(oldKid);
    expect(await keys().rewrap({ dropOld: true })).toMatchObject({ credentials: 3, oldMasterKeys: 0 });
    await expectAllReadable();
    expect(await masterKeys()).toHaveLength(1);
    expect((await stored('keyring.json')).keys).toHaveLength(1);

    await stop();
    await writeFile(file('master.key'), oldMaster);
    await writeFile(file('keyring.json'), JSON.stringify(oldKeyring));
    await start();
    await expect(secretsOf('claude')).rejects.toMatchObject({ code: 'DECRYPT_FAILED' });
  });

  it('stay where a credential cannot be opened', async () => {
    await keys().rotate();
    await writeFile(file('claude.second.json'), 'damaged');
    expect(await keys().rewrap({ dropOld: true })).toEqual({
      credentials: 2,
      unreadable: ['claude.second.json'],
      oldMasterKeys: 1,
    });
    expect(await readFile(file('claude.second.json'), 'utf8')).toBe('damaged');
    expect(await secretsOf('github')).toEqual([SECRETS.github]);
  });

  it('keep what a new credential brings while they change', async () => {
    await Promise.all([
      keys().rewrap({ dropOld: true }),
      store({ api_key: `${SECRETS.first}-new` }),
      keys().rotate(),
      keys().rewrap({ dropOld: true }),
    ]);
    expect(await secretsOf('claude')).toEqual([`${SECRETS.first}-new`, SECRETS.second].sort());
  });

  it('are changed in the file that MASTER_KEY_FILE names', async () => {
    const elsewhere = join(await tempDataDir('key'), 'master.key');
    cpSync(file('master.key'), elsewhere);
    env = { MASTER_KEY_FILE: elsewhere };
    await stop();
    await start();
    await keys().rotate();
    expect((await readFile(elsewhere, 'utf8')).trim().split('\n')).toHaveLength(2);
    expect(await masterKeys()).toHaveLength(1);
    await expectAllReadable();
  });

  it('are told in the audit, with who and when', async () => {
    await keys().rotate();
    await keys().rewrap({ dropOld: true });
    const { body } = await request((await running()).getHttpServer()).get('/api/credentials/audit');
    expect(body.items.slice(0, 3)).toMatchObject([
      { action: 'keys_rewrapped', by: expect.stringContaining('command line'), provider: null },
      { action: 'keys_rotated', at: expect.stringMatching(/Z$/) },
      { action: 'stored', by: 'admin (key-of-admin)', provider: 'github', label: 'default' },
    ]);
  });

  const STEPS: [change: string, step: string][] = [
    ['rotate', 'master key written'],
    ['rotate', 'keyring rewrapped'],
    ['drop', 'keyring rewrapped'],
    ['drop', 'credential 1'],
    ['drop', 'credential 2'],
    ['drop', 'credential 3'],
    ['drop', 'keyring pruned'],
    ['drop', 'master keys pruned'],
  ];
  it.each(STEPS)(
    'open everything when a %s is killed at "%s", and the next one goes on',
    async (change, step) => {
      await keys().rotate();
      const killed = Program.spawn(['dist/test/integration/credentials/change-keys-until.js', change, step], {
        DATA_DIR: dataDir,
      });
      await killed.finished();
      expect(killed.log).toContain(`at ${step}`);
      expect(killed.child.signalCode).toBe('SIGKILL');
      // Both a service that ran all the time, and one that starts now.
      await expectAllReadable();
      await stop();
      await start();
      await expectAllReadable();
      expect(await presentKekIds(settings(), paths())).toContain(await storedKekId(paths()));
      expect(await keys().rewrap({ dropOld: true })).toEqual({
        credentials: 3,
        unreadable: [],
        oldMasterKeys: 0,
      });
      await expectAllReadable();
    },
  );
});

describe('a folder of the version before', () => {
  it('is read, and takes more credentials beside the one it has', async () => {
    const dataDir = await tempDataDir();
    await mkdir(join(dataDir, 'credentials'), { recursive: true, mode: 0o700 });
    cpSync('test/integration/credentials/folder-of-0.1', join(dataDir, 'credentials'), { recursive: true });
    await chmod(join(dataDir, 'credentials', 'master.key'), 0o600);
    const app = await serve(CredentialsModule.for(loadSettings({ DATA_DIR: dataDir })));
    try {
      const taken = await app.get(CredentialPool).take('claude');
      expect(taken).toMatchObject({
        credential: { secret: 'sk-ant-api03-of-the-version-before', label: 'default' },
      });
      await request(app.getHttpServer())
        .post('/api/credentials')
        .send({ label: 'second', oauth_token: SECRETS.second })
        .expect(201);
      const { body } = await request(app.getHttpServer()).get('/api/credentials');
      expect(body.items).toMatchObject([
        { label: 'second', status: 'active' },
        { label: 'default', status: 'active', created_by: null, priority: 0, masked: '…fore' },
      ]);
    } finally {
      await app.close();
    }
  });
});
