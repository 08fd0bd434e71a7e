import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { Database } from '@app/database';
import { TASK_QUEUE, type TaskQueue } from '@app/queue';
import { SessionConnections } from '@app/sessions';
import { WaitingTasks } from '@app/tasks';
import { WorkerRepository } from '@app/workers';
import { SET_UPS, tempDataDir, waitFor } from '../../support/index.js';
import { startTestServer, type TestServer } from '../http/test-server.js';

jest.setTimeout(30_000);

describe.each(SET_UPS)('the processes of the service on $name', ({ environment }) => {
  let server: TestServer;
  let env: Record<string, string>;
  let key: string;
  const part = <T>(token: abstract new (...args: never[]) => T): T =>
    server.running.app.get<T>(token, { strict: false });
  const list = async () => (await server.call('/api/workers', { key })).body.items;
  const add = (id: string, secondsAgo: number) =>
    part(Database).write((manager) =>
      manager.query(
        `INSERT INTO workers (worker_id, machine_id, version, role, status, slots, last_seen_at)
         VALUES ('${id}', '${id}', '1', 'worker', 'ACTIVE', 1, ${part(Database).instant(-secondsAgo)})`,
      ),
    );

  beforeAll(async () => {
    env = { ...(await environment()), DATA_DIR: await tempDataDir(), MACHINE_ID: 'this-one' };
    server = await startTestServer(env);
    key = server.adminKey;
  });
  afterAll(() => server.close());

  it('are listed to everybody with a key, with what they do', async () => {
    const { key: viewer } = await server.makeKey('viewer');
    const { body } = await server.call('/api/workers', { key: viewer });
    expect(body.items).toEqual([
      expect.objectContaining({
        machine_id: 'this-one',
        role: 'all',
        status: 'ACTIVE',
        alive: true,
        slots: 5,
        running: 0,
        last_claim_at: null,
      }),
    ]);
    expect((await server.call('/api/workers')).status).toBe(401);
  });

  it('say so when they take a task', async () => {
    await server.call('/api/tasks', { method: 'POST', key, body: { prompt: 'anything' } });
    await waitFor(async () => (await list())[0].last_claim_at !== null, { timeoutMs: 10_000 });
  });

  it('leave the list at a clean end; one that crashed is shown as gone, and forgotten after a day', async () => {
    const [{ worker_id: earlier }] = await list();
    await add('crashed', 3600);
    await add('long-ago', 90_000);
    await server.close();
    server = await startTestServer(env);
    await waitFor(async () => (await list()).length === 2, { timeoutMs: 10_000 });
    expect(
      (await list()).map(({ machine_id, alive }: Record<string, unknown>) => [machine_id, alive]),
    ).toEqual([
      ['crashed', false],
      ['this-one', true],
    ]);
    expect((await list()).map(({ worker_id }: Record<string, unknown>) => worker_id)).not.toContain(earlier);
  });

  it('end the records of connections that a crashed one left open, and no others', async () => {
    await add('alive', 0);
    const { body: session } = await server.call('/api/sessions', { method: 'POST', key, body: {} });
    const { session_id } = session;
    const about = { session_id, transport: 'sse', remote_address: null, user_agent: null, key_id: null };
    for (const worker_id of ['crashed', 'alive'])
      await part(SessionConnections).open({ ...about, worker_id });
    await server.close();
    server = await startTestServer(env);
    const rows = await part(SessionConnections).list(session_id);
    expect(
      rows.map(({ worker_id, disconnected_at }) => [worker_id, disconnected_at !== null]).sort(),
    ).toEqual([
      ['alive', false],
      ['crashed', true],
    ]);
  });

  it('are found idle beside tasks that nobody takes', async () => {
    await server.running.app.get<TaskQueue>(TASK_QUEUE, { strict: false }).stop();
    const { body: task } = await server.call('/api/tasks', {
      method: 'POST',
      key,
      body: { prompt: 'left lying' },
    });
    const waiting = part(WaitingTasks);
    const overdue = await waitFor(() => waiting.overdue(1), { timeoutMs: 10_000 });
    expect(overdue).toBe(task.task_id);
    expect((await part(WorkerRepository).idleFor(1)).map(({ machine_id }) => machine_id)).toContain(
      'this-one',
    );
    await server.call(`/api/tasks/${task.task_id}/cancel`, { method: 'POST', key });
    expect(await waiting.overdue(1)).toBeNull();
  });
});

describe('an api without workers', () => {
  it('accepts tasks, and says that it is not ready because nobody takes them', async () => {
    const setUp = SET_UPS.find(({ name }) => name.includes('Postgres'));
    const server = await startTestServer({ ...(await setUp?.environment()), ROLE: 'api' });
    const key = server.adminKey;
    const accepted = await server.call('/api/tasks', { method: 'POST', key, body: { prompt: 'wait' } });
    expect(accepted.status).toBe(202);
    const ready = await server.call('/api/health/ready', { key });
    expect(ready).toMatchObject({ status: 503, body: { details: [{ field: 'workers' }] } });
    expect((await server.call('/api/health/live')).status).toBe(200);
    const { body } = await server.call('/api/workers', { key });
    expect(body.items).toEqual([expect.objectContaining({ role: 'api', slots: 0 })]);
    await server.close();
  });
});
