import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { loadSettings } from '@app/config';
import { CredentialPool, CredentialsModule, CredentialStore } from '@app/credentials';
import { tempDataDir } from '../../support/temp-folder.js';
import { serve } from '../agents/serve.js';

const CANARY = 'sk-ant-api03-CANARY-0123456789-abcdef-x7Qa';
const TOKEN = 'sk-ant-oat01-CANARY-0123456789-abcdef-tOkN';

describe('the master key', () => {
  let dataDir: string;
  let app: NestExpressApplication;
  let env: Record<string, string>;
  const api = () => request(app.getHttpServer());
  const store = (body: object) => api().post('/api/credentials').send(body);
  const list = async () => (await api().get('/api/credentials')).body.items;
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

  beforeEach(async () => {
    dataDir = await tempDataDir();
    env = {};
    await start();
  });

  afterEach(() => app.close());

  it('is made at the first start and kept', async () => {
    const file = join(folder(), 'master.key');
    const made = await readFile(file, 'utf8');
    expect(Buffer.from(made, 'base64')).toHaveLength(32);
    await restart();
    expect(await readFile(file, 'utf8')).toBe(made);
  });

  it('may come from a file elsewhere; then none is made', async () => {
    await app.close();
    dataDir = await tempDataDir();
    env = { MASTER_KEY_FILE: await keyFile(randomBytes(32).toString('base64')) };
    await start();
    await store({ api_key: CANARY });
    expect(await readdir(folder())).toEqual(['.lock', 'audit.jsonl', 'claude.json', 'keyring.json']);
  });

  it('that is another one opens nothing, and says so', async () => {
    await store({ api_key: CANARY });
    env = { MASTER_KEY_FILE: await keyFile(randomBytes(32).toString('base64')) };
    await restart();
    await expect(resolve()).rejects.toMatchObject({
      code: 'KEK_MISMATCH',
    });
    expect(await list()).toMatchObject([{ status: 'kek_mismatch', masked: '…x7Qa' }]);
    env = {};
    await restart();
    await expect(resolve()).resolves.toMatchObject({ secret: CANARY });
  });

  it('that is another one can store a new credential beside the old keys', async () => {
    await store({ api_key: CANARY });
    env = { MASTER_KEY_FILE: await keyFile(randomBytes(32).toString('base64')) };
    await restart();
    expect((await store({ oauth_token: TOKEN })).status).toBe(201);
    await expect(resolve()).resolves.toMatchObject({ secret: TOKEN });
    expect(JSON.parse(await readFile(join(folder(), 'keyring.json'), 'utf8')).keys).toHaveLength(2);
  });

  it.each(['', 'too short', randomBytes(31).toString('base64'), randomBytes(33).toString('base64')])(
    'that reads %j stops the start with words for the operator',
    async (text) => {
      env = { MASTER_KEY_FILE: await keyFile(text) };
      await app.close();
      await expect(start()).rejects.toThrow('32 bytes in base64');
      env = {};
      await start();
    },
  );

  it('that is missing stops the start', async () => {
    env = { MASTER_KEY_FILE: join(dataDir, 'nothing') };
    await app.close();
    await expect(start()).rejects.toThrow('MASTER_KEY_FILE');
    env = {};
    await start();
  });

  it('is the same for two processes that start at once', async () => {
    await app.close();
    dataDir = await tempDataDir();
    const settings = () => loadSettings({ DATA_DIR: dataDir });
    const apps = await Promise.all([0, 1, 2].map(() => serve(CredentialsModule.for(settings()))));
    const wish = { kind: 'api_key', secret: CANARY, priority: 0, email: undefined, by: 'test' } as const;
    const ref = { provider: 'claude', label: 'default' } as const;
    await Promise.all(apps.map((one) => one.get(CredentialStore).store(ref, wish)));
    for (const one of apps)
      await expect(resolve(one.get(CredentialPool))).resolves.toMatchObject({ secret: CANARY });
    await Promise.all(apps.map((one) => one.close()));
    await start();
  });
});

async function keyFile(text: string): Promise<string> {
  const place = await tempDataDir('key');
  await mkdir(place, { recursive: true });
  await writeFile(join(place, 'master.key'), `${text}\n`);
  return join(place, 'master.key');
}
