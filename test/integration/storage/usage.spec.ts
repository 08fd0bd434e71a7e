import { spawnSync } from 'node:child_process';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Program, SCRIPTED_SERVICE, Service, waitFor } from '../../support/index.js';

jest.setTimeout(120_000);

const idOf = (number: number): string => `01900000-0000-7000-8000-${String(number).padStart(12, '0')}`;

describe('the usage of the storage', () => {
  let service: Service;
  let sessionId: string;
  let lastSeq: number;

  beforeAll(async () => {
    service = await Service.start(
      { ANTHROPIC_API_KEY: 'sk-ant-any', STORAGE_MIN_FREE_MB: '1' },
      { program: SCRIPTED_SERVICE },
    );
    const task = await service.submit({ prompt: 'ok:3' });
    sessionId = task.session_id;
    lastSeq = (await service.finished(task.task_id)).last_seq;
    for (let number = 1; number <= 5; number += 1) await fill(idOf(number), number * 100_000);
    await fill(sessionId, 1_000_000);
  });
  afterAll(() => service.end());

  async function fill(id: string, bytes: number): Promise<void> {
    await mkdir(join(service.dataDir, 'workspaces', id), { recursive: true });
    await writeFile(join(service.dataDir, 'workspaces', id, 'file'), Buffer.alloc(bytes, 1));
  }

  it('is told by area, with what is left and its age, and agrees with du', async () => {
    const { status, body } = await service.call('GET', '/api/storage/usage');
    expect(status).toBe(200);
    const usage = body as { areas: { area: string; bytes: number }[] } & Record<string, unknown>;
    expect(usage).toMatchObject({ measuring: false, sessions: 6, unreadable: 0, growth: null });
    expect(usage).toMatchObject({ age_seconds: expect.any(Number), measured_at: expect.any(String) });
    expect(usage).toMatchObject({ space: { level: 'ok', message: null, max_bytes: null } });
    const du = spawnSync('du', ['-s', '--block-size=1', join(service.dataDir, 'workspaces')]);
    const workspaces = usage.areas.find(({ area }) => area === 'workspaces');
    expect(workspaces?.bytes).toBe(Number(String(du.stdout).split('\t')[0]));
  });

  it('names the sessions, largest first and page by page, and which of them are gone', async () => {
    const seen: { session_id: string; known: boolean; total_bytes: number }[] = [];
    let path = '/api/storage/usage/sessions?limit=4';
    for (let pages = 0; pages < 3; pages += 1) {
      const { body } = await service.call('GET', path);
      const { items, next_cursor: next } = body as { items: typeof seen; next_cursor: string | null };
      seen.push(...items);
      if (next === null) break;
      path = `/api/storage/usage/sessions?limit=4&cursor=${next}`;
    }
    expect(seen.map(({ session_id: id }) => id)).toEqual([sessionId, ...[5, 4, 3, 2, 1].map(idOf)]);
    expect(seen[0]).toMatchObject({ tasks: 1, events: lastSeq });
    expect(seen[1]).toMatchObject({ tasks: 0, events: 0 });
    expect(seen.map(({ known }) => known)).toEqual([true, false, false, false, false, false]);
    expect((await service.call('GET', '/api/storage/usage/sessions?cursor=x')).status).toBe(400);
    expect((await service.call('GET', '/api/storage/usage/sessions?limit=1000')).status).toBe(400);
  });

  it('is shown on the command line', async () => {
    const run = async (...args: string[]): Promise<string> => {
      const command = Program.spawn(['dist/apps/cli/src/main.js', 'storage', ...args], {
        CLAUDE_AGENT_URL: service.url,
        CLAUDE_AGENT_KEY: service.key,
      });
      expect(await command.finished()).toBe(0);
      return command.log;
    };
    expect(await run('usage')).toMatch(/6 sessions \(measured \d+ s ago[^]*workspaces +2\.5 MB/);
    expect(await run('usage', '--sessions', '2')).toMatch(
      new RegExp(`^SESSION[^\\n]*\\n${sessionId}[^\\n]*1\\.0 MB`),
    );
    expect(JSON.parse(await run('usage', '--json'))).toMatchObject({ sessions: 6 });
  });

  it('is not for viewers', async () => {
    const made = await service.call('POST', '/api/keys', { name: 'viewer', role: 'viewer' });
    const { key } = made.body as { key: string };
    for (const path of ['/api/storage/usage', '/api/storage/usage/sessions']) {
      expect((await service.call('GET', path, undefined, { Authorization: `Bearer ${key}` })).status).toBe(
        403,
      );
    }
  });
});

describe('a storage that is full', () => {
  let service: Service;
  beforeAll(async () => {
    // There is no such disk, so it counts as full; what really happens at a full one is in test/faults.
    service = await Service.start({ ANTHROPIC_API_KEY: 'sk-ant-any' }, { program: SCRIPTED_SERVICE });
    const { task_id: id } = await service.submit({ prompt: 'ok:3' });
    await service.finished(id);
    await service.end();
    await service.launch({ STORAGE_MIN_FREE_MB: '900000000' });
  });
  afterAll(() => service.end());

  it.each([
    ['POST', '/api/tasks', { prompt: 'ok:1' }],
    ['POST', '/api/sessions', {}],
    ['POST', '/api/agents/upload', { name: 'a', claude_md: 'x' }],
    ['PUT', '/api/skills/s', { skill_md: 'x' }],
    ['POST', '/api/storage/backups', undefined],
  ])('refuses what adds: %s %s', async (method, path, body) => {
    const answer = await service.call(method, path, body);
    expect(answer.status).toBe(507);
    expect(answer.body).toMatchObject({
      code: 'STORAGE_FULL',
      message: expect.stringContaining('STORAGE_MIN_FREE_MB'),
    });
  });

  it('lets people read, cancel, delete, and make keys', async () => {
    const { body } = await service.call('GET', '/api/tasks');
    const [task] = (body as { items: { task_id: string }[] }).items;
    expect((await service.call('GET', `/api/tasks/${task?.task_id}/events`)).status).toBe(200);
    expect((await service.call('POST', `/api/tasks/${task?.task_id}/cancel`)).status).toBe(409);
    expect((await service.call('DELETE', '/api/agents/nowhere')).status).toBe(404);
    expect((await service.call('POST', '/api/keys', { name: 'k', role: 'viewer' })).status).toBe(201);
    expect((await service.call('GET', '/api/storage/usage')).body).toMatchObject({
      space: { level: 'fail' },
    });
  });

  it('is not ready, and says why to those with a key', async () => {
    const { status, body } = await service.call('GET', '/api/health/ready');
    expect(status).toBe(503);
    expect(body).toMatchObject({
      details: expect.arrayContaining([
        { field: 'storage', message: expect.stringContaining('STORAGE_MIN_FREE_MB') },
      ]),
    });
  });

  it('takes tasks again when there is room, without a restart, and by STORAGE_MAX_MB too', async () => {
    await service.end();
    const fill = join(service.dataDir, 'backups-of-somebody');
    await writeFile(fill, Buffer.alloc(12_000_000, 1));
    await service.launch({ STORAGE_MAX_MB: '10', STORAGE_MIN_FREE_MB: '1', STORAGE_WARN_FREE_MB: '1' });
    await waitFor(async () => (await service.call('POST', '/api/sessions', {})).status === 507, {
      what: 'the first measure to refuse',
    });
    await rm(fill);
    const { status } = await waitFor(
      async () => {
        await service.call('GET', '/api/storage/usage?refresh=true');
        const answer = await service.call('POST', '/api/tasks', { prompt: 'ok:1' });
        return answer.status === 202 ? answer : null;
      },
      { timeoutMs: 40_000, what: 'the next measure to allow' },
    );
    expect(status).toBe(202);
  });

  it('is told as a warning while there is still some room', async () => {
    await service.end();
    await service.launch({ STORAGE_WARN_FREE_MB: '900000000' });
    const { body } = await service.call('GET', '/api/health/ready');
    const { checks } = body as { checks: { name: string; ok: boolean; warning?: string }[] };
    expect(checks.find(({ name }) => name === 'storage')).toMatchObject({
      ok: true,
      warning: expect.stringContaining('are free'),
    });
  });
});
