import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { freePort, SCRIPTED_SERVICE, Service } from '../../support/index.js';
import { runCommand, type CommandEnd } from './command.js';

jest.setTimeout(60_000);

const KEY = 'sk-ant-api03-0123456789-abcdef-x7Qa';
const TOKEN = 'sk-ant-oat01-0123456789-abcdef-ken1';
const GITHUB = 'ghp_0123456789abcdefghij';
const JIRA = 'ATATT3x0123456789=abc';
const ALL = [KEY, TOKEN, GITHUB, JIRA];

describe('claude-agent credentials', () => {
  let service: Service;
  let provider: Server;
  const answers = { claude: 200, github: 200 };
  const shown: CommandEnd[] = [];

  beforeAll(async () => {
    provider = createServer((req, res) => {
      res.writeHead(req.url?.startsWith('/github') ? answers.github : answers.claude);
      res.end('{}');
    }).listen(0, '127.0.0.1');
    await once(provider, 'listening');
    const address = provider.address();
    const url = `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`;
    service = await Service.start(
      { ANTHROPIC_BASE_URL: url, GITHUB_API_URL: `${url}/github`, SHUTDOWN_GRACE_SECONDS: '0' },
      { program: SCRIPTED_SERVICE },
    );
  });

  afterEach(async () => {
    for (const { out, error } of shown.splice(0)) {
      for (const secret of ALL) expect(out + error).not.toContain(secret);
    }
    answers.github = 200;
    const { items } = await listed();
    for (const { provider: of, label } of items) {
      await service.call('DELETE', `/api/credentials/${of}/${label}`);
    }
  });

  afterAll(async () => {
    await service.end();
    provider.closeAllConnections();
    provider.close();
  });

  const listed = async (): Promise<{ items: { provider: string; label: string }[] }> =>
    (await service.call('GET', '/api/credentials')).body;

  async function credentials(args: string, input = '', key = service.key): Promise<CommandEnd> {
    const environment = { CLAUDE_AGENT_URL: service.url, CLAUDE_AGENT_KEY: key };
    const end = await runCommand(['credentials', ...args.split(' ')], { environment, input });
    shown.push(end);
    return end;
  }

  it('stores what is piped in, under its kind, and lists it masked in the order of use', async () => {
    expect((await credentials('list')).out).toMatch(/^None\. Store one with `claude-agent credentials set`/);
    expect(await credentials('set', `${KEY}\n`)).toEqual({
      code: 0,
      out: 'Stored api_key …x7Qa as claude/default. Tasks that start from now on use it.\n',
      error: '',
    });
    expect((await credentials('set claude --label team-a --priority 5', TOKEN)).out).toMatch(
      /^Stored oauth_token …ken1 as claude\/team-a\./,
    );
    expect((await credentials('set github', GITHUB)).out).toBe(
      'Stored token …ghij as github/default. Check it with `claude-agent credentials verify github`.\n',
    );
    expect((await credentials('set jira --email bot@example.com', JIRA)).out).toContain(
      '=abc as jira/default',
    );
    const rows = (await credentials('list')).out.split('\n').map((row) => row.split(/ {2,}/).slice(0, 7));
    expect(rows.slice(0, 5)).toEqual([
      ['PROVIDER', 'LABEL', 'KIND', 'SECRET', 'SOURCE', 'PRIORITY', 'STATUS'],
      ['claude', 'team-a', 'oauth_token', '…ken1', 'stored', '5', 'active'],
      ['claude', 'default', 'api_key', '…x7Qa', 'stored', '0', 'active'],
      ['github', 'default', 'token', '…ghij', 'stored', '0', 'active'],
      ['jira', 'default', 'token', '…=abc', 'stored', '0', 'active'],
    ]);
    expect(JSON.parse((await credentials('list --json')).out)).toEqual((await listed()).items);
  });

  it('removes one, and says what there is when there is no such one', async () => {
    await credentials('set', KEY);
    expect(await credentials('remove claude team-b')).toMatchObject({
      code: 1,
      error: 'CREDENTIAL_NOT_FOUND: No credential is stored under this label. Stored for claude: default.\n',
    });
    expect(await credentials('remove claude')).toEqual({
      code: 0,
      out: 'Removed claude/default.\n',
      error: '',
    });
    expect((await listed()).items).toEqual([]);
  });

  it('asks about all that can be asked about, and says why not about the others', async () => {
    for (const [args, secret] of [
      ['set', KEY],
      ['set github', GITHUB],
      ['set jira', JIRA],
    ] as const) {
      await credentials(args, secret);
    }
    expect(await credentials('verify claude')).toMatchObject({
      code: 0,
      out: 'claude/default: valid. The provider accepts the credential.\n',
    });
    answers.github = 401;
    const all = await credentials('verify');
    expect(all.code).toBe(1);
    expect(all.out.split('\n')).toEqual([
      'claude/default: valid. The provider accepts the credential.',
      expect.stringMatching(/^github\/default: invalid\. /),
      expect.stringMatching(/^jira\/default: not_checked\. .*Set JIRA_URL/),
      '',
    ]);
    const { code, out } = await credentials('verify --json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject([
      { provider: 'claude', verdict: 'valid' },
      { provider: 'github', verdict: 'invalid' },
      { provider: 'jira', verdict: 'not_checked' },
    ]);
    expect(await credentials('verify claude team-b')).toMatchObject({
      code: 1,
      error: expect.stringContaining('There is no such credential.'),
    });
  });

  it.each([
    ['set', '', 2, 'Nothing was given.'],
    ['set', 'sk-ant', 1, 'INVALID_CREDENTIAL: The credential is too short. Copy the whole key.\n'],
    ['set', `${KEY}\n${TOKEN}`, 1, 'a space or a line break'],
    ['set github', KEY, 1, 'Store it for the provider claude.'],
    ['set jira --email nobody', JIRA, 1, 'VALIDATION_FAILED: email: must be an email'],
    ['set claude --label Team', KEY, 1, 'label: must be 1 to 32 small letters'],
    ['set claude --priority 101', KEY, 1, 'priority: must not be greater than 100'],
    ['set claude --priority high', KEY, 2, 'It has to be a whole number.'],
    ['set openai', KEY, 2, 'The provider is one of claude, github, jira.'],
    ['verify openai', '', 2, 'The provider is one of claude, github, jira.'],
    ['remove openai', '', 2, 'The provider is one of claude, github, jira.'],
    [`set ${KEY}`, '', 2, 'A secret is never an argument'],
    [`set claude ${KEY}`, '', 2, 'A secret is never an argument'],
  ])('refuses `%s` in words that help', async (args, input, code, words) => {
    const end = await credentials(args, input);
    expect(end).toMatchObject({ code, out: '', error: expect.stringContaining(words) });
    // Once, and not again as a detail.
    expect(end.error.split(words)).toHaveLength(2);
    expect((await listed()).items).toEqual([]);
  });

  it('says what to do about a wrong key, a key that may not, and a server that is not there', async () => {
    const wrong = await credentials('set', KEY, 'cca_wrong');
    expect(wrong).toMatchObject({ code: 1, error: expect.stringMatching(/^UNAUTHENTICATED: .*\n.*--key/) });
    const { body } = await service.call('POST', '/api/keys', { name: 'reader', role: 'viewer' });
    const viewer = await credentials('set', KEY, (body as { key: string }).key);
    expect(viewer).toMatchObject({ code: 1, error: expect.stringMatching(/^FORBIDDEN: /) });
    const away = { CLAUDE_AGENT_URL: `http://127.0.0.1:${await freePort()}`, CLAUDE_AGENT_KEY: 'cca_any' };
    const lost = await runCommand(['credentials', 'set'], { environment: away, input: KEY });
    shown.push(lost);
    expect(lost).toMatchObject({ code: 1, error: expect.stringMatching(/^No server answers at .*serve/) });
  });
});
