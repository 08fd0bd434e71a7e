import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { SCRIPTED_SERVICE, Service, tempDataDir } from '../../support/index.js';
import { runCommand, type CommandEnd } from './command.js';

jest.setTimeout(60_000);

const SECRET = 'sk-ant-api03-0123456789-abcdef-x7Qa';
const UNKNOWN_ID = '01a211f3-0000-7000-8000-000000000000';

describe('claude-agent keys', () => {
  let service: Service;

  beforeAll(async () => {
    service = await Service.start({ SHUTDOWN_GRACE_SECONDS: '0' }, { program: SCRIPTED_SERVICE });
  });
  afterAll(() => service.end());

  function keys(args: string, environment: Record<string, string> = {}): Promise<CommandEnd> {
    return runCommand(['keys', ...args.split(' ')], {
      // On the machine of the server, the first key is found in its data folder.
      environment: { CLAUDE_AGENT_URL: service.url, DATA_DIR: service.dataDir, ...environment },
    });
  }

  const roleOf = async (key: string): Promise<unknown> => {
    const { status, body } = await service.call('GET', '/api/me', undefined, {
      Authorization: `Bearer ${key}`,
    });
    return status === 200 ? (body as { role: string }).role : status;
  };

  it('make a key, alone on the standard output, that works until it is revoked', async () => {
    const made = await keys('create ci --role viewer');
    expect(made).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^cca_\S{40,}\n$/),
      error: expect.stringMatching(/^Key \S+ \(viewer\)\. Keep it now; it cannot be shown again:\n$/),
    });
    const key = made.out.trim();
    const id = made.error.split(' ')[1] ?? '';
    expect(await roleOf(key)).toBe('viewer');
    const list = await keys('list');
    expect(list.out).toMatch(new RegExp(`${id}  ci +viewer +${key.slice(-4)} .* valid\n`));
    expect(list.out).not.toContain(key);
    expect((await keys('list --json')).out).not.toContain(key);
    expect(await keys(`revoke ${id}`)).toEqual({ code: 0, out: `Revoked ${id}.\n`, error: '' });
    expect(await roleOf(key)).toBe(401);
    expect((await keys('list')).out).toMatch(new RegExp(`${id}  .* revoked\n`));
  });

  it('say until when a key is valid', async () => {
    const { out } = await keys('create soon --expires 2099-01-31T00:00:00Z');
    expect(await roleOf(out.trim())).toBe('operator');
    expect((await keys('list')).out).toMatch(/ soon .* until 2099-01-31T00:00:00\.000Z\n/);
  });

  it.each([
    ['create', 2, "missing required argument 'name'"],
    ['create x --role boss', 2, 'Allowed choices are viewer, operator, admin.'],
    ['create x --expires tomorrow', 1, 'VALIDATION_FAILED: expires_at: must be a valid ISO 8601 date'],
    ['create x --expires 2020-01-01', 1, 'must lie in the future'],
    ['revoke ci', 1, 'VALIDATION_FAILED: That is not the id of an API key.'],
    [`revoke ${UNKNOWN_ID}`, 1, 'KEY_NOT_FOUND: There is no API key with this id.'],
  ])('refuse `%s` in words that help', async (args, code, words) => {
    const end = await keys(args);
    expect(end).toMatchObject({ code, out: '', error: expect.stringContaining(words) });
    expect(end.error.split(words)).toHaveLength(2);
  });

  it('never revoke the last admin key', async () => {
    const { body } = await service.call('GET', '/api/me');
    const end = await keys(`revoke ${(body as { key_id: string }).key_id}`);
    expect(end).toMatchObject({ code: 1, error: expect.stringMatching(/^LAST_ADMIN_KEY: .*another one/) });
  });

  it('say where a key is looked for when there is none', async () => {
    const end = await keys('list', { DATA_DIR: await tempDataDir('empty') });
    expect(end).toMatchObject({ code: 1, error: expect.stringMatching(/^No API key: give --key/) });
  });

  it('rotate and rewrap beside the running service, which goes on reading what was stored', async () => {
    await service.call('POST', '/api/credentials', { api_key: SECRET });
    const file = join(service.dataDir, 'credentials', 'master.key');
    const before = await readFile(file, 'utf8');
    const rotated = await keys('rotate');
    expect(rotated).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^The master key [0-9a-f]{16} is the current one\./),
    });
    expect((await readFile(file, 'utf8')).endsWith(before)).toBe(true);
    expect((await keys('rewrap')).out).toMatch(
      /^1 credential is encrypted with a new key\.\n1 old master key is still there\. .*--drop-old`\.\n$/,
    );
    expect((await keys('rewrap --drop-old')).out).toBe('1 credential is encrypted with a new key.\n');
    expect(await readFile(file, 'utf8')).not.toContain(before.trim());
    expect(rotated.out + rotated.error).not.toContain(before.trim());
    const { body } = await service.call('GET', '/api/credentials');
    expect((body as { items: unknown[] }).items).toMatchObject([{ status: 'active', masked: '…x7Qa' }]);
  });

  it.each(['rotate', 'rewrap', 'rewrap --drop-old'])(
    'change nothing with `%s` where no service has been, as with a mistaken DATA_DIR',
    async (args) => {
      const dataDir = await tempDataDir('empty');
      expect(await keys(args, { DATA_DIR: dataDir })).toEqual({
        code: 1,
        out: '',
        error: `There are no credentials in ${dataDir}. Set DATA_DIR to the data folder of the service whose keys are meant.\n`,
      });
      expect(await readdir(dataDir)).toEqual([]);
    },
  );
});
