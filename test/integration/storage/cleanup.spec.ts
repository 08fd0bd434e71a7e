import { existsSync, readdirSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { checkTasks } from '../../../libs/database/src/index.js';
import { Program, SCRIPTED_SERVICE, Service, SET_UPS, type TaskShape } from '../../support/index.js';

jest.setTimeout(180_000);

interface Cleaned {
  status: string;
  items: { kind: string; name: string; bytes: number }[];
  totals: { kind: string; count: number; bytes: number; older_than: string | null }[];
}

describe.each(SET_UPS)('a clean-up: $name', ({ environment }) => {
  let service: Service;
  let env: Record<string, string>;
  let ended: TaskShape;
  let busy: TaskShape;
  let waiting: TaskShape;

  beforeAll(async () => {
    env = { ...(await environment()), ANTHROPIC_API_KEY: 'sk-ant-any', MAX_CONCURRENT_TASKS: '40' };
    service = await Service.start(env, { program: SCRIPTED_SERVICE });
    ended = await service.submit({ prompt: 'ok:5' });
    await service.finished(ended.task_id);
    busy = await service.submit({ prompt: 'hang' });
    await service.taskIn(busy.task_id, ['RUNNING']);
    // The second task of a session waits for the first.
    waiting = await service.submit({ prompt: 'ok:1', session_id: busy.session_id });
    for (const { session_id: id } of [ended, busy]) await fill(id);
  });
  afterAll(() => service.end());

  const folderOf = (sessionId: string): string => join(service.dataDir, 'workspaces', sessionId);

  async function fill(sessionId: string): Promise<void> {
    await mkdir(join(folderOf(sessionId), 'src'), { recursive: true });
    await writeFile(join(folderOf(sessionId), 'src', 'file'), Buffer.alloc(100_000, 1));
  }

  async function clean(wish: Record<string, unknown>): Promise<Cleaned> {
    const { status, body, text } = await service.call('POST', '/api/storage/cleanup', wish);
    if (status !== 200) throw new Error(text);
    expect(body).toMatchObject({ status: 'done', problem: null });
    return body;
  }

  it('of nothing is made when no setting says after how long', async () => {
    expect((await clean({})).totals).toMatchObject([
      { kind: 'workspaces', older_than: null, count: 0 },
      { kind: 'logs', older_than: null, count: 0 },
      { kind: 'cache', older_than: null, count: 0 },
      { kind: 'leftovers', count: 0 },
    ]);
  });

  it('tells what it would remove, and not what belongs to a session with work', async () => {
    const { items, totals } = await clean({ dry_run: true, workspace_days: 0, log_days: 0 });
    expect(items).toMatchObject([
      { kind: 'workspaces', name: ended.session_id },
      { kind: 'logs', name: ended.task_id },
    ]);
    expect(totals[0]).toMatchObject({ count: 1 });
    expect(totals[0]?.bytes).toBeGreaterThan(100_000);
    expect(existsSync(join(folderOf(ended.session_id), 'src', 'file'))).toBe(true);
    expect((await service.events(ended.task_id)).length).toBeGreaterThan(5);
  });

  it('is made on the command line, after a look', async () => {
    const run = async (...args: string[]): Promise<string> => {
      const command = Program.spawn(['dist/apps/cli/src/main.js', 'storage', 'clean', ...args], {
        CLAUDE_AGENT_URL: service.url,
        CLAUDE_AGENT_KEY: service.key,
      });
      expect(await command.finished()).toBe(0);
      return command.log;
    };
    expect(await run('--dry-run', '--workspace-days', '0')).toMatch(
      new RegExp(`workspaces +1 +[^]*${ended.session_id}[^]*Nothing was removed`),
    );
    expect(existsSync(folderOf(ended.session_id))).toBe(true);
    expect(await run('--workspace-days', '0')).toContain(ended.session_id);
    expect(existsSync(folderOf(ended.session_id))).toBe(false);
    expect(existsSync(join(folderOf(busy.session_id), 'src', 'file'))).toBe(true);
  });

  it('leaves the session usable: its next task begins with an empty folder', async () => {
    const next = await service.submit({ prompt: 'ok:1', session_id: ended.session_id });
    expect(await service.finished(next.task_id)).toMatchObject({ status: 'COMPLETED' });
    expect(readdirSync(folderOf(ended.session_id))).toEqual([]);
  });

  it('removes the events of ended tasks, whole, and keeps the tasks', async () => {
    const before = await service.task(ended.task_id);
    const { totals } = await clean({ log_days: 0 });
    expect(totals.find(({ kind }) => kind === 'logs')?.count).toBeGreaterThan(0);
    const after = await service.task(ended.task_id);
    expect(after).toEqual({ ...before, last_seq: 0 });
    expect(after.result).not.toBeNull();
    expect(await service.events(ended.task_id)).toEqual([]);
    expect((await service.events(busy.task_id)).length).toBeGreaterThan(0);
    const stream = await service.call('GET', `/api/tasks/${ended.task_id}/stream?after_seq=3`);
    expect(stream.status).toBe(204);
    const { socket } = await service.watcher();
    const watched: unknown = await socket
      .timeout(5000)
      .emitWithAck('task.watch', { task_id: ended.task_id, after_seq: 3 });
    socket.close();
    expect(watched).toMatchObject({ ok: true, status: 'COMPLETED', head: 0 });
    // The checker of a drill reads SQLite.
    if (!env.DATABASE_URL) {
      expect(await checkTasks(join(service.dataDir, 'db', 'machine.db'))).toEqual([]);
    }
  });

  it('racing with new tasks removes a workspace before its task, or not at all', async () => {
    const sessions = await Promise.all(Array.from({ length: 15 }, () => service.submit({ prompt: 'ok:1' })));
    await Promise.all(sessions.map(({ task_id: id }) => service.finished(id)));
    await Promise.all(sessions.map(({ session_id: id }) => fill(id)));
    const [, ...tasks] = await Promise.all([
      clean({ workspace_days: 0 }),
      ...sessions.map(({ session_id: id }) => service.submit({ prompt: 'slow:20@10', session_id: id })),
    ]);
    for (const { task_id: id, session_id: session } of tasks) {
      expect(await service.finished(id)).toMatchObject({ status: 'COMPLETED', attempt: 1 });
      // Gone whole, or there whole; and never without a folder under a task that ran.
      const names = readdirSync(folderOf(session), { recursive: true }).map(String).sort();
      expect([[], ['src', 'src/file']]).toContainEqual(names);
    }
    expect(readdirSync(join(service.dataDir, 'workspaces')).filter((name) => name.startsWith('.'))).toEqual(
      [],
    );
  });

  it('never touched the session that was at work', async () => {
    expect(existsSync(join(folderOf(busy.session_id), 'src', 'file'))).toBe(true);
    await service.call('POST', `/api/tasks/${busy.task_id}/cancel`);
    expect(await service.finished(waiting.task_id)).toMatchObject({ status: 'COMPLETED' });
    expect((await service.events(waiting.task_id)).map(({ seq }) => seq)[0]).toBe(1);
  });

  it('is for administrators, and refuses days that make no sense', async () => {
    const made = await service.call('POST', '/api/keys', { name: 'o', role: 'operator' });
    const { key } = made.body as { key: string };
    const answer = await service.call(
      'POST',
      '/api/storage/cleanup',
      { dry_run: true },
      { Authorization: `Bearer ${key}` },
    );
    expect(answer.status).toBe(403);
    for (const wrong of [{ workspace_days: -1 }, { log_days: 1.5 }, { cache_days: 1 }, { dry_run: 'yes' }]) {
      expect((await service.call('POST', '/api/storage/cleanup', wrong)).status).toBe(400);
    }
  });
});
