import { randomBytes } from 'node:crypto';
import { chmod, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { loadSettings } from '@app/config';
import { CredentialPool, CredentialsModule } from '@app/credentials';
import { tempDataDir } from '../../support/temp-folder.js';
import { serve } from '../agents/serve.js';

const CANARY = 'sk-ant-api03-CANARY-0123456789-abcdef-x7Qa';
const TOKEN = 'sk-ant-oat01-CANARY-0123456789-abcdef-tOkN';

describe('credentials', () => {
  let dataDir: string;
  let app: NestExpressApplication;
  let env: Record<string, string>;
  const api = () => request(app.getHttpServer());
  const store = (body: object, role = 'admin') =>
    api().post('/api/credentials').set('x-role', role).send(body);
  const list = async () => (await api().get('/api/credentials').set('x-role', 'viewer')).body.items;
  const resolve = (pool = app.get(CredentialPool)) =>
    pool.take('claude').then((taken) => (taken.kind === 'taken' ? taken.credential : null));
  const folder = () => join(dataDir, 'credentials');
  const start = async () => {
    app = await serve(CredentialsModule.for(loadSettings({ DATA_DIR: dataDir, ...env })));
  };
  const restart = async () => {
    await app.close();
    await start();
  };
  const edit = async (name: string, change: (file: Record<string, never>) => void) => {
    const file = JSON.parse(await readFile(join(folder(), name), 'utf8'));
    change(file);
    await writeFile(join(folder(), name), JSON.stringify(file));
  };

  beforeEach(async () => {
    dataDir = await tempDataDir();
    env = {};
    await start();
  });

  afterEach(() => app.close());

  it('are stored as the founding document does it, and shown masked', async () => {
    const answer = await store({ api_key: CANARY });
    expect(answer.status).toBe(201);
    expect(answer.body).toEqual({
      provider: 'claude',
      label: 'default',
      kind: 'api_key',
      masked: '…x7Qa',
      source: 'stored',
      priority: 0,
      email: null,
      created_at: expect.any(String),
      created_by: 'admin (key-of-admin)',
      last_used_at: null,
      status: 'active',
      limited_until: null,
      invalid_since: null,
      last_verified_at: null,
      last_verdict: null,
    });
    expect(await list()).toEqual([answer.body]);
    await expect(stat(join(folder(), 'claude.json'))).resolves.toBeDefined();
  });

  it('may be the token of a subscription', async () => {
    const answer = await store({ provider: 'claude', oauth_token: TOKEN });
    expect(answer.body).toMatchObject({ kind: 'oauth_token', masked: '…tOkN' });
    await expect(resolve()).resolves.toMatchObject({
      kind: 'oauth_token',
      secret: TOKEN,
      source: 'stored',
    });
  });

  it('survive a restart', async () => {
    await store({ api_key: CANARY });
    await restart();
    await expect(resolve()).resolves.toMatchObject({ secret: CANARY });
  });

  it('are in no file in the clear, nor in base64', async () => {
    const answers = [await store({ api_key: CANARY }), await api().get('/api/credentials')];
    await resolve();
    const files = await readdir(dataDir, { recursive: true, withFileTypes: true });
    const texts = await Promise.all(
      files
        .filter((entry) => entry.isFile())
        .map((entry) => readFile(join(entry.parentPath, entry.name), 'utf8')),
    );
    expect(texts.length).toBeGreaterThanOrEqual(4);
    const secret = CANARY.slice(0, -4);
    for (const text of [...texts, ...answers.map((answer) => answer.text)]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain('CANARY');
      expect(text).not.toContain(Buffer.from(CANARY).toString('base64').slice(0, 20));
    }
  });

  it('lie in a folder 0700 with files 0600, also when they were found wider', async () => {
    await store({ api_key: CANARY });
    const modes = async () => {
      const names = ['', ...(await readdir(folder()))];
      return Promise.all(names.map(async (name) => (await stat(join(folder(), name))).mode & 0o777));
    };
    const narrow = [0o700, ...(await readdir(folder())).map(() => 0o600)];
    expect(narrow.length).toBeGreaterThanOrEqual(5);
    expect(await modes()).toEqual(narrow);
    await chmod(folder(), 0o755);
    await chmod(join(folder(), 'claude.json'), 0o644);
    await restart();
    expect(await modes()).toEqual(narrow);
  });

  it('are replaced by the next one, and gone when deleted', async () => {
    await store({ api_key: CANARY });
    await store({ oauth_token: TOKEN });
    expect(await list()).toMatchObject([{ kind: 'oauth_token' }]);
    expect((await api().delete('/api/credentials/claude')).status).toBe(204);
    expect(await list()).toEqual([]);
    await expect(resolve()).resolves.toBeNull();
    expect((await api().delete('/api/credentials/claude')).body).toMatchObject({
      code: 'CREDENTIAL_NOT_FOUND',
    });
    expect((await api().delete('/api/credentials/..%2fadmin')).body).toMatchObject({
      code: 'CREDENTIAL_NOT_FOUND',
    });
  });

  it('come from the environment when none is stored', async () => {
    env = { ANTHROPIC_API_KEY: TOKEN };
    await restart();
    await expect(resolve()).resolves.toMatchObject({
      kind: 'oauth_token',
      secret: TOKEN,
      source: 'environment',
    });
    expect(await list()).toMatchObject([
      { source: 'environment', masked: '…tOkN', created_at: null, status: 'active' },
    ]);
    expect((await api().delete('/api/credentials/claude')).body.message).toContain('ANTHROPIC_API_KEY');
    await store({ api_key: CANARY });
    expect(await list()).toMatchObject([
      { source: 'stored', status: 'active' },
      { source: 'environment', status: 'standby' },
    ]);
    await expect(resolve()).resolves.toMatchObject({ source: 'stored' });
  });

  it('remember when they were used', async () => {
    await store({ api_key: CANARY });
    await resolve();
    const [{ last_used_at: used }] = await list();
    expect(Date.parse(used)).toBeGreaterThan(Date.now() - 10_000);
    await restart();
    expect(await list()).toMatchObject([{ last_used_at: used }]);
  });

  it.each([
    [{ api_key: 'nonsense-nonsense-nonsense' }, 'INVALID_CREDENTIAL'],
    [{ api_key: `${CANARY}\n` }, 'INVALID_CREDENTIAL'],
    [{ api_key: CANARY, oauth_token: TOKEN }, 'INVALID_CREDENTIAL'],
    [{}, 'INVALID_CREDENTIAL'],
    [{ provider: 'openai', api_key: CANARY }, 'VALIDATION_FAILED'],
    [{ api_key: 7 }, 'VALIDATION_FAILED'],
    [{ api_key: CANARY, note: 'x' }, 'VALIDATION_FAILED'],
  ])('are refused when they are %j', async (body, code) => {
    const answer = await store(body);
    expect(answer.body).toMatchObject({ statusCode: 400, code });
    expect(answer.text).not.toContain('CANARY');
    expect(await list()).toEqual([]);
  });

  it('are for admins to change', async () => {
    expect((await store({ api_key: CANARY }, 'operator')).status).toBe(403);
    expect((await api().delete('/api/credentials/claude').set('x-role', 'operator')).status).toBe(403);
  });

  describe('that were tampered with', () => {
    beforeEach(() => store({ api_key: CANARY }));

    it.each([
      ['a file with a changed ciphertext', 'claude.json', 'ciphertext'],
      ['a file with a changed tag', 'claude.json', 'tag'],
      ['a keyring with a changed key', 'keyring.json', 'keyring'],
    ])('do not open: %s', async (_what, name, part) => {
      await edit(name, (file: Record<string, unknown>) => {
        if (part === 'keyring')
          Object.assign((file.keys as object[])[0] ?? {}, { ciphertext: randomBytes(32).toString('base64') });
        else file[part] = randomBytes(16).toString('base64');
      });
      await expect(resolve()).rejects.toMatchObject({
        code: 'DECRYPT_FAILED',
      });
      expect(await list()).toMatchObject([{ status: 'decrypt_failed', masked: '…x7Qa' }]);
    });

    it('do not open when a token is called a key', async () => {
      await store({ oauth_token: TOKEN });
      await edit('claude.json', (file) => Object.assign(file, { kind: 'api_key' }));
      await expect(resolve()).rejects.toMatchObject({
        code: 'DECRYPT_FAILED',
      });
    });

    it('do not open when they are no JSON any more, and the environment does not step in', async () => {
      env = { ANTHROPIC_API_KEY: TOKEN };
      await writeFile(join(folder(), 'claude.json'), '');
      await restart();
      await expect(resolve()).rejects.toMatchObject({
        code: 'DECRYPT_FAILED',
      });
      expect(await list()).toMatchObject([{ status: 'decrypt_failed' }, { status: 'standby' }]);
      expect((await store({ api_key: CANARY })).status).toBe(201);
      await expect(resolve()).resolves.toMatchObject({ secret: CANARY });
    });

    it('do not open without their keyring', async () => {
      await writeFile(join(folder(), 'keyring.json'), '{}');
      await expect(resolve()).rejects.toMatchObject({
        code: 'DECRYPT_FAILED',
      });
    });
  });
});
