import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { loadSettings } from '@app/config';
import { CredentialPool, CredentialsModule } from '@app/credentials';
import { freePort } from '../../support/free-port.js';
import { tempDataDir } from '../../support/temp-folder.js';
import { serve } from '../agents/serve.js';

jest.setTimeout(30_000);

const KEY = 'sk-ant-api03-CANARY-0123456789-abcdef-x7Qa';
const TOKEN = 'sk-ant-oat01-CANARY-0123456789-abcdef-tOkN';
const GITHUB = 'ghp_CANARY0123456789abcdef';
const JIRA = 'ATATT3xCANARY0123456789=abc';

interface Asked {
  method: string;
  path: string;
  headers: IncomingMessage['headers'];
}

describe('the check of a credential', () => {
  let dataDir: string;
  let app: NestExpressApplication;
  let provider: Server;
  let port: number;
  let asked: Asked[];
  let answer: (res: ServerResponse) => void;
  const api = () => request(app.getHttpServer());
  const store = (body: object) => api().post('/api/credentials').send(body).expect(201);
  const verify = (place: string, role = 'operator') =>
    api().post(`/api/credentials/${place}/verify`).set('x-role', role);
  const list = async () => (await api().get('/api/credentials')).body.items;
  const status = (code: number, headers: Record<string, string> = {}) => {
    answer = (res) => {
      res.writeHead(code, headers);
      // Providers do repeat what they were sent.
      res.end(`you sent ${JSON.stringify(asked.at(-1)?.headers)}`);
    };
  };

  beforeEach(async () => {
    asked = [];
    status(200);
    provider = createServer((req, res) => {
      asked.push({ method: req.method ?? '', path: req.url ?? '', headers: req.headers });
      answer(res);
    }).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const address = provider.address();
    port = typeof address === 'object' && address ? address.port : 0;
    dataDir = await tempDataDir();
    const url = `http://127.0.0.1:${port}`;
    app = await serve(
      CredentialsModule.for(
        loadSettings({
          DATA_DIR: dataDir,
          ANTHROPIC_BASE_URL: url,
          GITHUB_API_URL: `${url}/github`,
          JIRA_URL: `${url}/jira`,
          JIRA_EMAIL: 'bot@example.com',
          CREDENTIAL_CHECK_SECONDS: '1',
        }),
      ),
    );
  });

  afterEach(async () => {
    await app.close();
    provider.closeAllConnections();
    provider.close();
  });

  it('asks Claude for the list of models with an API key, which is free', async () => {
    await store({ api_key: KEY });
    const { body } = await verify('claude').expect(200);
    expect(body).toEqual({
      provider: 'claude',
      label: 'default',
      verdict: 'valid',
      limited_until: null,
      checked_at: expect.stringMatching(/Z$/),
      message: 'The provider accepts the credential.',
    });
    expect(asked).toMatchObject([
      {
        method: 'GET',
        path: '/v1/models?limit=1',
        headers: { 'x-api-key': KEY, 'anthropic-version': '2023-06-01' },
      },
    ]);
    expect(await list()).toMatchObject([
      { status: 'active', last_verdict: 'valid', last_verified_at: body.checked_at },
    ]);
  });

  it('asks Claude for one token in the name of Claude Code with a subscription', async () => {
    await store({ label: 'plan', oauth_token: TOKEN });
    await verify('claude/plan').expect(200);
    expect(asked).toMatchObject([
      { method: 'POST', path: '/v1/messages', headers: { authorization: `Bearer ${TOKEN}` } },
    ]);
  });

  it('asks GitHub and Jira who the token belongs to', async () => {
    await store({ provider: 'github', token: GITHUB });
    await store({ provider: 'jira', token: JIRA });
    await store({ provider: 'jira', label: 'other', token: JIRA, email: 'other@example.com' });
    for (const place of ['github', 'jira', 'jira/other']) {
      expect((await verify(place)).body).toMatchObject({ verdict: 'valid' });
    }
    const basic = (email: string) => `Basic ${Buffer.from(`${email}:${JIRA}`).toString('base64')}`;
    expect(asked).toMatchObject([
      { path: '/github/user', headers: { authorization: `Bearer ${GITHUB}` } },
      { path: '/jira/rest/api/2/myself', headers: { authorization: basic('bot@example.com') } },
      { path: '/jira/rest/api/2/myself', headers: { authorization: basic('other@example.com') } },
    ]);
  });

  it('marks one that is refused, and clears that when it is accepted again', async () => {
    await store({ api_key: KEY });
    status(401);
    expect((await verify('claude')).body).toMatchObject({ verdict: 'invalid' });
    expect(await list()).toMatchObject([
      { status: 'invalid', invalid_since: expect.stringMatching(/Z$/), last_verdict: 'invalid' },
    ]);
    status(200);
    await verify('claude');
    expect(await list()).toMatchObject([{ status: 'active', invalid_since: null }]);
  });

  it('tells until when a limit holds; runs leave the credential alone so long', async () => {
    await store({ oauth_token: TOKEN });
    const reset = Math.ceil(Date.now() / 1000) + 3600;
    status(429, { 'anthropic-ratelimit-unified-reset': String(reset), 'retry-after': '5' });
    const until = new Date(reset * 1000).toISOString();
    expect((await verify('claude')).body).toMatchObject({ verdict: 'limited', limited_until: until });
    expect(await list()).toMatchObject([{ status: 'limited', limited_until: until }]);
    expect(await app.get(CredentialPool).take('claude')).toEqual({ kind: 'limited', until });
    status(200);
    await verify('claude');
    expect(await list()).toMatchObject([{ status: 'active', limited_until: null }]);
  });

  it('knows the limits of GitHub from its refusals', async () => {
    await store({ provider: 'github', token: GITHUB });
    const reset = Math.ceil(Date.now() / 1000) + 600;
    status(403, { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) });
    expect((await verify('github')).body).toMatchObject({
      verdict: 'limited',
      limited_until: new Date(reset * 1000).toISOString(),
    });
    status(403);
    expect((await verify('github')).body).toMatchObject({ verdict: 'invalid' });
  });

  it('says nothing against a credential when its provider cannot be asked, and ends in time', async () => {
    await store({ api_key: KEY });
    answer = () => undefined;
    const begun = performance.now();
    expect((await verify('claude')).body).toMatchObject({ verdict: 'unreachable' });
    expect(performance.now() - begun).toBeLessThan(5000);
    status(503);
    expect((await verify('claude')).body).toMatchObject({ verdict: 'unreachable' });
    provider.closeAllConnections();
    await new Promise((resolve) => provider.close(resolve));
    expect((await verify('claude')).body).toMatchObject({ verdict: 'unreachable' });
    expect(await list()).toMatchObject([{ status: 'active', last_verdict: 'unreachable' }]);
  });

  it('does not take the secret to where a redirect points', async () => {
    await store({ api_key: KEY });
    const elsewhere = await freePort();
    status(307, { location: `http://127.0.0.1:${elsewhere}/` });
    expect((await verify('claude')).body).toMatchObject({ verdict: 'unreachable' });
    status(307, { location: '/again' });
    await verify('claude');
    expect(asked).toHaveLength(2);
  });

  it('repeats neither the secret nor what the provider says, anywhere', async () => {
    await store({ api_key: KEY });
    await store({ provider: 'github', token: GITHUB });
    await store({ provider: 'jira', token: JIRA });
    const answers: string[] = [];
    for (const code of [200, 401, 403, 404, 429, 500]) {
      status(code, { 'x-echo': KEY });
      for (const place of ['claude', 'github', 'jira']) answers.push((await verify(place)).text);
    }
    answers.push(
      (await api().get('/api/credentials')).text,
      (await api().get('/api/credentials/audit')).text,
    );
    const files = await readdir(join(dataDir, 'credentials'));
    const texts = await Promise.all(
      files.map((name) => readFile(join(dataDir, 'credentials', name), 'utf8')),
    );
    expect(asked).toHaveLength(18);
    for (const text of [...answers, ...texts]) {
      expect(text).not.toContain('CANARY');
      expect(text).not.toContain('you sent');
    }
  });

  it('is written down with who asked for it', async () => {
    await store({ api_key: KEY });
    await verify('claude');
    const { body } = await api().get('/api/credentials/audit').set('x-role', 'admin');
    expect(body.items).toMatchObject([
      { action: 'verified', by: 'operator (key-of-operator)', provider: 'claude', label: 'default' },
      { action: 'stored', by: 'admin (key-of-admin)' },
    ]);
    expect((await api().get('/api/credentials/audit').set('x-role', 'operator')).status).toBe(403);
  });

  it.each(['claude', 'github', 'openai', 'claude/second', 'claude/..%2fadmin', 'claude/sk-ant-x'])(
    'finds no %s when there is none',
    async (place) => {
      expect((await verify(place)).body).toMatchObject({ statusCode: 404, code: 'CREDENTIAL_NOT_FOUND' });
      expect(asked).toEqual([]);
    },
  );
});
