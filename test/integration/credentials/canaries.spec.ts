import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { say, startOfflineModel, use, type OfflineModel } from '@app/engines';
import { Redis } from 'ioredis';
import { createTestDatabase, Service, startRedis, waitFor, type PrivateServer } from '../../support/index.js';
import { CANARIES, dumpPostgres, foundIn, foundUnder, unpack } from './canaries.js';

jest.setTimeout(90_000);

const { apiKey, oauthToken, github, jira } = CANARIES;

describe.each(['SQLite and the in-process queue', 'Postgres and Bull'])('a secret, with %s', (setUp) => {
  let redis: PrivateServer | null = null;
  let client: Redis | null = null;
  let monitor: Redis | null = null;
  let model: OfflineModel;
  let provider: Server;
  let service: Service;
  let databaseUrl: string | null = null;
  /** Each command that Redis was sent: what was published and what was deleted again is in it, too. */
  const commands: string[] = [];
  const answers: string[] = [];
  const issued: Record<string, string> = {};

  beforeAll(async () => {
    // Providers do repeat what they were sent.
    provider = createServer((req, res) => {
      res.writeHead(401, { 'x-seen': String(req.headers.authorization) });
      res.end(JSON.stringify(req.headers));
    }).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const address = provider.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    const environment: Record<string, string> = {};
    if (setUp.startsWith('Postgres')) {
      databaseUrl = (await createTestDatabase()).url;
      redis = await startRedis();
      client = new Redis(redis.url);
      monitor = await client.monitor();
      monitor.on('monitor', (_time: string, args: string[]) => commands.push(args.join(' ')));
      Object.assign(environment, { DATABASE_URL: databaseUrl, REDIS_URL: redis.url });
    }
    const all = Object.values(CANARIES).join(' and ');
    model = await startOfflineModel({
      scenarios: {
        leak: [
          { blocks: [use('Bash', { command: 'cat secrets.txt; cat secrets.txt >&2', description: 'Look' })] },
          { blocks: [use('Bash', { command: `echo '${all}' > copy.txt; false`, description: 'Copy' })] },
          { blocks: [use('Read', { file_path: apiKey })] },
          { blocks: [say(`They are ${all}.`)] },
        ],
        broken: [
          { error: { status: 400, type: 'invalid_request_error', message: `not with ${all}`, times: 99 } },
        ],
        refused: [
          { error: { status: 401, type: 'authentication_error', message: `${all} is wrong`, times: 99 } },
        ],
      },
    });
    service = await Service.start({
      ...environment,
      ANTHROPIC_BASE_URL: model.url,
      GITHUB_API_URL: `${url}/github`,
      JIRA_URL: `${url}/jira`,
      LOG_LEVEL: 'trace',
      SHUTDOWN_GRACE_SECONDS: '0',
    });
    issued['the first key'] = service.key;
  });

  afterAll(async () => {
    await model.close();
    provider.closeAllConnections();
    provider.close();
    await service.end();
    monitor?.disconnect();
    client?.disconnect();
    await redis?.stop();
  });

  async function call(...args: Parameters<Service['call']>): ReturnType<Service['call']> {
    const answer = await service.call(...args);
    answers.push(`${answer.text} ${JSON.stringify([...answer.headers])}`);
    return answer;
  }

  const runOf = async (prompt: string, sessionId?: string) => {
    const wish = { prompt, ...(sessionId ? { session_id: sessionId } : {}) };
    return service.finished((await service.submit(wish)).task_id);
  };

  it('is nowhere but where it belongs, whatever is done with it', async () => {
    // Stored, each in its kind.
    for (const body of [
      { api_key: apiKey, priority: 9 },
      { label: 'second', oauth_token: oauthToken },
      { provider: 'github', token: github },
      { provider: 'jira', token: jira, email: 'bot@example.com' },
    ]) {
      expect((await call('POST', '/api/credentials', body)).status).toBe(201);
    }
    const { body: made } = await service.call('POST', '/api/keys', { name: 'ci', role: 'admin' });
    issued['a key that was made'] = (made as { key: string }).key;
    await service.call('GET', '/api/me', undefined, {
      Authorization: `Bearer ${issued['a key that was made']}`,
    });

    // Asked about, with providers that repeat what they get.
    for (const place of ['claude/default', 'github/default', 'jira/default']) {
      await call('POST', `/api/credentials/${place}/verify`);
    }

    // In the wrong places.
    for (const secret of [...Object.values(CANARIES), ...Object.values(issued)]) {
      const inUrl = encodeURIComponent(secret);
      const json = { 'Content-Type': 'application/json' };
      await call('POST', '/api/credentials', `{"api_key": "${secret}`, json);
      // The one answer that repeats what was sent is that to an unknown field: it says which.
      await service.call('POST', '/api/credentials', { [secret]: 1, label: secret, provider: secret });
      await call('POST', '/api/credentials', { token: secret });
      await call('POST', '/api/credentials', { api_key: `${secret}\n` });
      await call('GET', `/api/credentials?key=${inUrl}&api_key=${inUrl}`);
      await call('POST', '/api/tasks', { prompt: 'x', agent: secret, max_turns: secret });
      await call('POST', '/api/auth/login', { key: `${secret}x` });
      await call('POST', '/webhooks/github', { token: secret });
      await call('GET', '/api/me', undefined, { Authorization: `Bearer ${secret}x` });
      await call('GET', '/api/me', undefined, { Authorization: secret, Cookie: `session=${secret}` });
      await call('GET', '/api/me', undefined, { 'X-Api-Key': secret, 'X-Request-Id': secret });
    }

    // Said by a run: by a tool, by the model, by an error of the model.
    const { body: session } = await service.call('POST', '/api/sessions', { title: 'leak' });
    const { session_id: sessionId } = session as { session_id: string };
    await runOf('SCENARIO:plain', sessionId);
    const secrets = join(service.dataDir, 'workspaces', sessionId, 'secrets.txt');
    await writeFile(secrets, `${Object.values(CANARIES).join('\n')}\n`);
    const leaked = await runOf('SCENARIO:leak', sessionId);
    expect(leaked).toMatchObject({
      status: 'COMPLETED',
      result: expect.stringContaining('They are [masked]'),
    });
    expect(await runOf('SCENARIO:broken')).toMatchObject({ status: 'FAILED' });
    expect(await runOf('SCENARIO:refused')).toMatchObject({ status: 'FAILED' });
    for (const part of ['', '/events?limit=1000', '/logs'])
      await call('GET', `/api/tasks/${leaked.task_id}${part}`);
    for (const path of ['credentials', 'credentials/audit', 'keys', 'tasks', 'storage/persistence']) {
      await call('GET', `/api/${path}`);
    }
    const backup = await call('POST', '/api/storage/backups', {});
    expect(backup.status).toBeLessThan(300);
    const folder = join(service.dataDir, 'backups');
    const archive = await waitFor(
      async () => (await readdir(folder)).find((name) => name.endsWith('.tar.gz')) ?? null,
      { timeoutMs: 20_000, what: 'the backup' },
    );

    expect(answers.filter((answer) => foundIn(answer, issued).length > 0)).toEqual([]);
    // The first start shows its key once, as a link.
    const log = service.log.replace(`/#key=${issued['the first key']}`, '');
    expect(log).not.toBe(service.log);
    expect(foundIn(log, issued)).toEqual([]);
    if (databaseUrl) {
      const dump = await dumpPostgres(databaseUrl);
      expect(dump).toMatch(/^task_logs: [1-9]/m);
      expect(foundIn(dump, issued)).toEqual([]);
      expect(commands.length).toBeGreaterThan(10);
      expect(foundIn(commands.join('\n'), issued)).toEqual([]);
    }
    await service.end();
    const backedUp = await unpack(join(folder, archive));
    const inBackup = await foundUnder(backedUp, issued);
    const inData = await foundUnder(service.dataDir, issued);
    expect([...Object.keys(inData), ...Object.keys(inBackup)].filter((path) => !isKnown(path))).toEqual([]);
    // So the search does find what is there.
    expect(inData['credentials/admin.key']).toContain('the first key (plain)');
    expect(inData[join('workspaces', sessionId, 'secrets.txt')]).toContain('jira (plain)');
  });
});

/**
 * The first key's own file; what a run wrote down itself: its workspace, and the conversation that Claude Code keeps to
 * go on with (docs/security.md).
 */
function isKnown(path: string): boolean {
  return /(^|\/)(credentials\/admin\.key$|workspaces\/|claude\/projects\/)/.test(path);
}
