import { io, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import type { Environment } from '@app/config';
import {
  LIVE_NAMESPACE,
  type ClientToServerEvents,
  type NewTaskEvent,
  type ServerToClientEvents,
  type TaskEvent,
} from '@app/contracts';
import { Database, newId } from '@app/database';
import { SessionService } from '@app/sessions';
import { EventLog, TaskEntity } from '@app/tasks';
import { WatchHub } from '../../../libs/live/src/watch-hub.js';
import { waitFor } from '../../support/index.js';
import { startTestServer, type TestServer } from '../http/test-server.js';

export type LiveClient = Socket<ServerToClientEvents, ClientToServerEvents>;

/** The whole server, with tasks that are written by the test as a worker would write them. */
export class LiveServer {
  private readonly clients: LiveClient[] = [];

  private constructor(readonly http: TestServer) {}

  static async start(env: Environment = {}): Promise<LiveServer> {
    return new LiveServer(await startTestServer(env));
  }

  get log(): EventLog {
    return this.get(EventLog);
  }

  get<T>(provider: abstract new (...args: never[]) => T): T {
    return this.http.running.app.get<T>(provider, { strict: false });
  }

  async makeSession(): Promise<string> {
    return (await this.get(SessionService).create({ title: 'watched' }, null)).session_id;
  }

  /** A task that runs, and that nobody but the test works on. */
  async makeTask(sessionId: string | null): Promise<string> {
    const task_id = newId();
    const session = sessionId === null ? 'NULL' : `'${sessionId}'`;
    const heldUntil = new Date(Date.now() + 300_000).toISOString();
    const values = `'${task_id}', ${session}, 'RUNNING', '${heldUntil}'`;
    await this.get(Database).write((manager) =>
      manager.query(`INSERT INTO tasks (task_id, session_id, status, lease_until) VALUES (${values})`),
    );
    return task_id;
  }

  append(taskId: string, count: number, text = 'word '): Promise<TaskEvent[] | null> {
    return this.log.append(taskId, output(count, text), 'anybody while it runs');
  }

  /** Stored, and never told to anybody: what a lost message of the bus leaves behind. */
  async appendInSilence(taskId: string, count: number): Promise<void> {
    await this.get(Database).write((manager) =>
      this.log.appendIn(manager, taskId, output(count, 'word '), 'anybody while it runs'),
    );
  }

  async finish(taskId: string): Promise<void> {
    const end = {
      status: 'COMPLETED',
      reason: null,
      cost_usd: 0,
      num_turns: 1,
      duration_seconds: 1,
    } as const;
    const events = await this.get(Database).write(async (manager) => {
      const stored = await this.log.appendIn(
        manager,
        taskId,
        [{ type: 'task.completed', data: end }],
        'anybody while it runs',
      );
      await manager.update(TaskEntity, { task_id: taskId }, { status: 'COMPLETED' });
      return stored;
    });
    this.log.publish(events ?? []);
  }

  /** What otherwise happens every five seconds. */
  check(): Promise<void> {
    return this.get(WatchHub).check();
  }

  /** Not connected yet when it is returned. */
  client(options: Partial<ManagerOptions & SocketOptions> = {}): LiveClient {
    const client: LiveClient = io(this.http.url + LIVE_NAMESPACE, {
      auth: { key: this.http.adminKey },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      ...options,
    });
    this.clients.push(client);
    return client;
  }

  async connect(options: Partial<ManagerOptions & SocketOptions> = {}): Promise<LiveClient> {
    const client = this.client(options);
    await waitFor(() => client.connected, { what: 'the socket to connect' });
    return client;
  }

  async close(): Promise<void> {
    for (const client of this.clients) client.disconnect();
    await this.http.close();
  }
}

function output(count: number, text: string): NewTaskEvent[] {
  return Array.from({ length: count }, () => ({
    type: 'task.output' as const,
    data: { kind: 'text' as const, text, message_id: 'm' },
  }));
}

/** The events a client gets from now on. */
export function eventsAt(client: LiveClient): TaskEvent[] {
  const events: TaskEvent[] = [];
  client.on('task.event', (event) => events.push(event));
  return events;
}
