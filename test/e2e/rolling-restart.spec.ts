import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { io } from 'socket.io-client';
import type { TaskEvent } from '@app/contracts';
import {
  createRedisNamespace,
  createTestDatabase,
  SCRIPTED_SERVICE,
  Service,
  tempDataDir,
  waitFor,
  type LiveClient,
} from '../support/index.js';

jest.setTimeout(120_000);

const SUBMITTERS = 4;
/** A steady stream: about 100 submits a second. */
const PAUSE_MS = 40;
const TERMINAL = new Set(['COMPLETED', 'FAILED', 'CANCELLED']);

describe('a clean shutdown', () => {
  const services: Service[] = [];
  afterEach(async () => {
    await Promise.all(services.splice(0).map((service) => service.end('SIGKILL')));
  });

  async function start(environment: Record<string, string>): Promise<Service> {
    const service = await Service.start(
      { ANTHROPIC_API_KEY: 'sk-ant-any', ...environment },
      { program: SCRIPTED_SERVICE },
    );
    services.push(service);
    return service;
  }

  it('one server after the other loses no submit, no task and no event', async () => {
    const shared = {
      DATA_DIR: await tempDataDir(),
      DATABASE_URL: (await createTestDatabase()).url,
      REDIS_URL: (await createRedisNamespace()).url,
      // Less than some tasks take, so that some are handed back.
      SHUTDOWN_GRACE_SECONDS: '1',
      SHUTDOWN_DELAY_SECONDS: '1',
      MAX_QUEUED_TASKS: '100000',
    };
    const nodes = [
      await start({ ...shared, MACHINE_ID: 'node-1' }),
      await start({ ...shared, MACHINE_ID: 'node-2' }),
    ];
    const [first] = nodes;
    if (!first) throw new Error('no node');
    const { session_id } = (await first.call('POST', '/api/sessions', {})).body as { session_id: string };
    const watcher = watchSession(first, session_id);
    const client = new Submitter(nodes);
    const load = Array.from({ length: SUBMITTERS }, (_one, index) =>
      client.submitUntilStopped(index === 0 ? { prompt: 'slow:30@15', session_id } : { prompt: 'ok:3' }),
    );
    for (const node of nodes) {
      const before = client.accepted.length;
      await waitFor(() => client.accepted.length > before + 20, { timeoutMs: 20_000 });
      expect(await node.end('SIGTERM')).toBe(0);
      await node.launch();
    }
    client.stop();
    await Promise.all(load);
    expect(client.errors).toEqual([]);
    expect(client.refusals).toBeGreaterThan(0);

    // The tasks of the session run one after the other; those that still wait are not what this is about.
    const slow = client.accepted.filter((task) => task.session_id === session_id);
    for (const { task_id } of slow.slice(6)) await first.call('POST', `/api/tasks/${task_id}/cancel`);
    for (const { task_id } of client.accepted) {
      const { status } = await first.finished(task_id, 60_000);
      expect(TERMINAL.has(status)).toBe(true);
      const events = await first.events(task_id);
      expect(events.map(({ seq }) => seq)).toEqual(events.map((_event, index) => index + 1));
    }
    for (const { task_id } of slow) {
      const events = await first.events(task_id);
      await waitFor(() => watcher.received.get(task_id)?.length === events.length, { timeoutMs: 20_000 });
      expect(watcher.received.get(task_id)).toEqual(events);
    }
    watcher.socket.disconnect();
  });

  it('is told to load balancers first, while the server still accepts tasks', async () => {
    const service = await start({ SHUTDOWN_DELAY_SECONDS: '3' });
    expect((await service.call('GET', '/api/health/ready')).status).toBe(200);
    const ended = service.end('SIGTERM');
    await waitFor(async () => (await service.call('GET', '/api/health/ready')).status === 503);
    const { status, headers, body } = await service.call('POST', '/api/tasks', { prompt: 'ok:1' });
    expect([status, headers.get('connection')]).toEqual([202, 'close']);
    expect(await ended).toBe(0);
    await service.launch();
    expect(await service.finished((body as { task_id: string }).task_id)).toMatchObject({
      status: 'COMPLETED',
    });
  });

  it('hands back what runs at the second signal, and does not wait for the grace', async () => {
    const service = await start({ SHUTDOWN_GRACE_SECONDS: '60' });
    const { task_id } = await service.submit({ prompt: 'hang' });
    await service.taskIn(task_id, ['RUNNING']);
    const { pid } = service;
    const startedAt = performance.now();
    const ended = service.end('SIGINT');
    await waitFor(async () => (await service.call('GET', '/api/health/ready')).status === 503);
    process.kill(pid, 'SIGINT');
    expect(await ended).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(10_000);
    await service.launch({ MAX_CONCURRENT_TASKS: '1' });
    await service.taskIn(task_id, ['RUNNING']);
    const events = await service.events(task_id);
    expect(events.filter(({ type }) => type === 'task.queued').map(({ data }) => data)).toContainEqual(
      expect.objectContaining({ reason: 'worker_shutdown' }),
    );
  });
});

/** Submits through whichever node listens. A refused connection is tried at the other one; all else is an error. */
class Submitter {
  readonly accepted: { task_id: string; session_id: string }[] = [];
  readonly errors: string[] = [];
  refusals = 0;
  private stopped = false;
  private next = 0;

  constructor(private readonly nodes: readonly Service[]) {}

  stop(): void {
    this.stopped = true;
  }

  async submitUntilStopped(wish: Record<string, unknown>): Promise<void> {
    while (!this.stopped) {
      await delay(PAUSE_MS);
      const node = this.nodes[this.next++ % this.nodes.length];
      try {
        const { status, body, text } = (await node?.call('POST', '/api/tasks', wish)) ?? { status: 0 };
        if (status === 202) this.accepted.push(body as never);
        else this.errors.push(`${status} ${text}`);
      } catch (error) {
        if (codeOf(error) === 'ECONNREFUSED') this.refusals += 1;
        else this.errors.push(`${String(error)} ${codeOf(error)}`);
      }
    }
  }
}

/** Follows a session by one socket that reconnects, from the place it had for each task. */
function watchSession(
  node: Service,
  session_id: string,
): { socket: LiveClient; received: Map<string, TaskEvent[]> } {
  const received = new Map<string, TaskEvent[]>();
  const socket: LiveClient = io(`${node.url}/live`, {
    auth: { key: node.key },
    transports: ['websocket'],
    reconnectionDelayMax: 500,
  });
  socket.on('task.event', (event) =>
    received.set(event.task_id, [...(received.get(event.task_id) ?? []), event]),
  );
  socket.on('connect', () => {
    const after = Object.fromEntries([...received].map(([id, events]) => [id, events.at(-1)?.seq ?? 0]));
    socket.emit('session.watch', { session_id, after }, () => undefined);
  });
  return { socket, received };
}

/** By shape: errors of `fetch` come from outside the realm of the tests. */
function codeOf(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'unknown';
  if ('code' in error) return String(error.code);
  return 'cause' in error ? codeOf(error.cause) : 'unknown';
}
