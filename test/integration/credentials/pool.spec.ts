import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { NestExpressApplication } from '@nestjs/platform-express';
import request from 'supertest';
import { loadSettings } from '@app/config';
import { CredentialPool, CredentialsModule } from '@app/credentials';
import { tempDataDir } from '../../support/temp-folder.js';
import { serve } from '../agents/serve.js';

const HOUR_MS = 3_600_000;
const inHours = (hours: number) => new Date(Date.now() + hours * HOUR_MS).toISOString();

describe('several credentials of one provider', () => {
  let dataDir: string;
  let apps: NestExpressApplication[];
  const start = async (env: Record<string, string> = {}) => {
    const app = await serve(CredentialsModule.for(loadSettings({ DATA_DIR: dataDir, ...env })));
    apps.push(app);
    return app;
  };
  const api = (app = apps[0]) => {
    if (!app) throw new Error('the service does not run');
    return request(app.getHttpServer());
  };
  const pool = (app = apps[0]) => app?.get(CredentialPool) as CredentialPool;
  const secretOf = (label: string) => `sk-ant-oat01-account-of-${label}`;
  const store = (label: string, more: object = {}, app = apps[0]) =>
    api(app)
      .post('/api/credentials')
      .send({ label, oauth_token: secretOf(label), ...more });
  const list = async () => (await api().get('/api/credentials')).body.items;
  const next = async (app = apps[0], tried = new Set<string>()) => {
    const taken = await pool(app).take('claude', { tried });
    return taken.kind === 'taken' ? taken.credential.label : taken.kind;
  };
  const idOf = async (label: string) => {
    const tried = new Set<string>();
    for (;;) {
      const taken = await pool().take('claude', { tried });
      if (taken.kind !== 'taken') throw new Error(`no ${label}`);
      if (taken.credential.label === label) return taken.credential.credentialId;
      tried.add(taken.credential.credentialId);
    }
  };

  beforeEach(async () => {
    dataDir = await tempDataDir();
    apps = [];
    await start();
  });

  afterEach(() => Promise.all(apps.map((app) => app.close())));

  it('take turns, also when runs begin in the same moment', async () => {
    for (const label of ['a', 'b', 'c']) await store(label);
    expect([await next(), await next(), await next()]).toEqual(['a', 'b', 'c']);
    const together = await Promise.all([next(), next(), next()]);
    expect([...together].sort()).toEqual(['a', 'b', 'c']);
  });

  it('are used by priority first', async () => {
    await store('paid', { priority: -1 });
    await store('plan');
    expect([await next(), await next(), await next()]).toEqual(['plan', 'plan', 'plan']);
    await pool().limit(await idOf('plan'), inHours(1));
    expect(await next()).toBe('paid');
  });

  it('keep their priority when the secret is replaced', async () => {
    await store('paid', { priority: -5 });
    await store('paid', { oauth_token: secretOf('other') });
    expect(await list()).toMatchObject([{ label: 'paid', priority: -5 }]);
  });

  it('are left alone while they are limited, and the earliest end is told', async () => {
    await store('a');
    await store('b');
    const [soon, later] = [inHours(1), inHours(5)];
    await pool().limit(await idOf('a'), later);
    expect([await next(), await next()]).toEqual(['b', 'b']);
    await pool().limit(await idOf('b'), soon);
    expect(await pool().take('claude')).toEqual({ kind: 'limited', until: soon });
    // As another process sees it, too.
    expect(await pool(await start()).take('claude')).toEqual({ kind: 'limited', until: soon });
  });

  it('come back when their limit has ended', async () => {
    await store('a');
    await pool().limit(await idOf('a'), new Date(Date.now() - 1).toISOString());
    expect(await next()).toBe('a');
    expect(await list()).toMatchObject([{ status: 'active', limited_until: null }]);
  });

  it('that were refused are tried when there is no other, rather than never', async () => {
    await store('a');
    await store('b');
    await pool().refuse(await idOf('a'));
    expect([await next(), await next()]).toEqual(['b', 'b']);
    await pool().refuse(await idOf('b'));
    const taken = await pool().take('claude');
    expect(taken).toMatchObject({ kind: 'taken', credential: { wasRefused: true } });
    if (taken.kind === 'taken') await pool().accept(taken.credential.credentialId);
    expect((await list()).map(({ status }: { status: string }) => status).sort()).toEqual([
      'active',
      'invalid',
    ]);
  });

  it('wait for the end of a limit rather than for one that was refused', async () => {
    await store('a');
    await store('b');
    const until = inHours(1);
    await pool().limit(await idOf('a'), until);
    await pool().refuse(await idOf('b'));
    expect(await pool().take('claude')).toEqual({ kind: 'limited', until });
  });

  it('go on without one that cannot be read, which is shown', async () => {
    await store('a');
    await store('b');
    await writeFile(join(dataDir, 'credentials', 'claude.a.json'), '{');
    expect([await next(), await next()]).toEqual(['b', 'b']);
    expect(await list()).toMatchObject(
      expect.arrayContaining([
        expect.objectContaining({ label: 'a', status: 'decrypt_failed', masked: '…' }),
        expect.objectContaining({ label: 'b', status: 'active' }),
      ]),
    );
  });

  it('forget what was known of a secret with the secret', async () => {
    await store('a');
    await pool().refuse(await idOf('a'));
    await store('a');
    expect(await list()).toMatchObject([{ status: 'active', invalid_since: null, last_used_at: null }]);
  });

  it('are all there after several processes stored at once; of the same label one is', async () => {
    const [first, second, third] = [apps[0], await start(), await start()];
    const labels = Array.from({ length: 12 }, (_none, index) => `l${index}`);
    const answers = await Promise.all([
      ...labels.map((label, index) => store(label, {}, [first, second, third][index % 3])),
      ...['x', 'y', 'z'].map((which, index) =>
        store('same', { oauth_token: secretOf(`same-${which}`) }, [first, second, third][index]),
      ),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 15 }, () => 201));
    expect((await list()).map(({ label }: { label: string }) => label).sort()).toEqual(
      [...labels, 'same'].sort(),
    );
    const same = await idOf('same');
    expect(same).not.toBe('');
  });

  it('are removed one by one, and the messages name what there is', async () => {
    await store('a');
    await store('b');
    expect((await api().delete('/api/credentials/claude')).body.message).toContain('a, b');
    expect((await api().delete('/api/credentials/claude/a')).status).toBe(204);
    expect(await list()).toMatchObject([{ label: 'b' }]);
    expect((await api().delete('/api/credentials/claude/a')).body.code).toBe('CREDENTIAL_NOT_FOUND');
  });

  it('of GitHub and Jira come from the environment when none is stored', async () => {
    const app = await start({
      GITHUB_TOKEN: 'ghp_0123456789abcdef',
      JIRA_API_TOKEN: 'jira-0123456789abcdef',
    });
    const { body } = await api(app).get('/api/credentials');
    expect(body.items).toMatchObject([
      { provider: 'github', kind: 'token', source: 'environment', status: 'active' },
      { provider: 'jira', kind: 'token', source: 'environment', status: 'active' },
    ]);
    expect((await api(app).delete('/api/credentials/github')).body.message).toContain('GITHUB_TOKEN');
  });

  it.each([
    [{ label: 'A' }, 'VALIDATION_FAILED'],
    [{ label: '../x' }, 'VALIDATION_FAILED'],
    [{ label: 'sk-ant-api03-pasted-here' }, 'VALIDATION_FAILED'],
    [{ label: 'a', priority: 101 }, 'VALIDATION_FAILED'],
    [{ label: 'a', email: 'a@example.com' }, 'INVALID_CREDENTIAL'],
    [{ provider: 'github' }, 'INVALID_CREDENTIAL'],
    [{ provider: 'jira', oauth_token: undefined, token: 'short' }, 'INVALID_CREDENTIAL'],
  ])('are refused when they are %j', async (body, code) => {
    const answer = await store('x', body);
    expect(answer.body).toMatchObject({ statusCode: 400, code });
    expect(answer.text).not.toContain('account-of');
    expect(await list()).toEqual([]);
  });
});
