import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startOfflineModel, type OfflineModel } from '@app/engines';
import {
  createRedisNamespace,
  createTestDatabase,
  ofType,
  runProcesses,
  Service,
  startWorkerProcess,
  tempDataDir,
  waitFor,
  type Program,
} from '../support/index.js';

jest.setTimeout(90_000);

/** A tool call that never ends the first time, and ends at once when it is made again. */
const HANGS_ONCE = 'SCENARIO:bash[test -e was-here || { touch was-here; tail -f /dev/null; }]';
const HANGS = 'SCENARIO:bash[tail -f /dev/null]';

describe('an api and two workers, each a process of its own', () => {
  let model: OfflineModel;
  let api: Service;
  let environment: Record<string, string>;
  const workers = new Map<string, Program>();

  beforeAll(async () => {
    model = await startOfflineModel();
    environment = {
      DATA_DIR: await tempDataDir(),
      DATABASE_URL: (await createTestDatabase()).url,
      REDIS_URL: (await createRedisNamespace()).url,
      ANTHROPIC_BASE_URL: model.url,
      ANTHROPIC_API_KEY: model.apiKey,
      // So that where a task runs can be decided by keeping the other worker busy.
      MAX_CONCURRENT_TASKS: '1',
    };
    api = await Service.start({ ...environment, ROLE: 'api', MACHINE_ID: 'api' });
    for (const name of ['worker-1', 'worker-2']) await startWorker(name);
  });

  afterAll(async () => {
    await model.close();
    await Promise.all([...workers.values(), api].map((program) => program.end()));
  });

  it('run what the api accepts, and its watchers see it by socket and by Server-Sent Events', async () => {
    const { body } = await api.call('POST', '/api/sessions', {});
    const { session_id } = body as { session_id: string };
    const { socket, received } = await api.watcher();
    await socket.emitWithAck('session.watch', { session_id });
    const { task_id } = await api.submit({ prompt: 'SCENARIO:tooluse', agent: 'executor', session_id });
    const { text } = await api.call('GET', `/api/tasks/${task_id}/stream`);
    await waitFor(() => received.at(-1)?.type === 'task.completed', { what: 'the last event' });
    socket.disconnect();
    const events = await api.events(task_id);
    expect(received).toEqual(events);
    expect([...text.matchAll(/^data: (.+)$/gm)].map(([, data]) => JSON.parse(data ?? ''))).toEqual(events);
    expect(await machineOf(task_id)).toMatch(/^worker-[12]$/);
  });

  it('go on with a conversation whichever of them gets its next task', async () => {
    const first = await api.submit({ prompt: 'My number is 7341.' });
    await api.finished(first.task_id);
    const home = await machineOf(first.task_id);
    const blockers = [await startHanging(), await startHanging()];
    for (const { taskId, machine } of blockers) if (machine !== home) await cancel(taskId);
    const second = await api.submit({ prompt: 'SCENARIO:recall', session_id: first.session_id });
    expect((await api.finished(second.task_id)).result).toContain('My number is 7341.');
    expect([home, await machineOf(second.task_id)].sort()).toEqual(['worker-1', 'worker-2']);
    for (const { taskId, machine } of blockers) if (machine === home) await cancel(taskId);
  });

  it('end a task that is cancelled at the api, with all its processes', async () => {
    const { taskId } = await startHanging();
    const startedAt = performance.now();
    const task = await cancel(taskId);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    expect(task).toMatchObject({ status: 'CANCELLED', status_reason: 'cancelled_by_user' });
    expect(runProcesses(api.dataDir)).toEqual([]);
  });

  it('leave the runs of each other alone when they start', async () => {
    const { taskId } = await startHanging();
    await startWorker('worker-3');
    expect(await workers.get('worker-3')?.end()).toBe(0);
    expect(await api.task(taskId)).toMatchObject({ status: 'RUNNING', attempt: 1 });
    expect(ofType(await api.events(taskId), 'task.tool_finished')).toEqual([]);
    expect(runProcesses(api.dataDir)).not.toEqual([]);
    await cancel(taskId);
  });

  it('take over within 15 s what a killed one was doing in a tool, with the conversation intact', async () => {
    const { task_id, session_id } = await api.submit({
      prompt: HANGS_ONCE,
      agent: 'executor',
      max_attempts: 2,
    });
    await waitFor(() => existsSync(join(api.dataDir, 'workspaces', session_id, 'was-here')), {
      timeoutMs: 30_000,
      what: 'the command to run',
    });
    const killed = await machineOf(task_id);
    const killedAt = performance.now();
    await workers.get(killed)?.end('SIGKILL');
    await waitFor(async () => ofType(await api.events(task_id), 'task.started')[1], {
      timeoutMs: 30_000,
      what: 'the other worker to take over',
    });
    expect(performance.now() - killedAt).toBeLessThan(15_000);
    expect(await api.finished(task_id)).toMatchObject({ status: 'COMPLETED', result: 'Bash finished.' });
    const events = await api.events(task_id);
    expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
    expect(
      ofType(events, 'task.started').map(({ data }) => [data.machine_id === killed, data.resumed]),
    ).toEqual([
      [true, false],
      [false, true],
    ]);
    const next = await api.submit({ prompt: 'SCENARIO:recall', session_id });
    expect((await api.finished(next.task_id)).result).toContain('was-here');
    await startWorker(killed);
  });

  async function startWorker(name: string): Promise<void> {
    workers.set(name, await startWorkerProcess({ ...environment, MACHINE_ID: name }));
  }

  /** A task that stays in a tool call until it is cancelled. */
  async function startHanging(): Promise<{ taskId: string; machine: string }> {
    const { task_id } = await api.submit({ prompt: HANGS, agent: 'executor' });
    await toolRuns(task_id);
    return { taskId: task_id, machine: await machineOf(task_id) };
  }

  async function toolRuns(taskId: string): Promise<void> {
    await waitFor(async () => ofType(await api.events(taskId), 'task.tool_started')[0], {
      timeoutMs: 30_000,
      what: 'the tool to start',
    });
  }

  async function machineOf(taskId: string): Promise<string> {
    return ofType(await api.events(taskId), 'task.started').at(-1)?.data.machine_id ?? '';
  }

  async function cancel(taskId: string) {
    expect((await api.call('POST', `/api/tasks/${taskId}/cancel`)).status).toBe(202);
    return api.finished(taskId);
  }
});
