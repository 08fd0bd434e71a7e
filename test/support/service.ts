import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { io, type Socket } from 'socket.io-client';
import type { ClientToServerEvents, ServerToClientEvents, TaskEvent, TaskEventType } from '@app/contracts';
import { freePort } from './free-port.js';
import { Program } from './program.js';
import { waitFor } from './wait-for.js';

const START_LIMIT_MS = 30_000;

/** Arguments of node: the service as it is shipped, and the same with the scripted engine instead of Claude Code. */
const SERVICE = ['dist/apps/api/src/main.js'];
export const SCRIPTED_SERVICE = ['dist/test/support/scripted-engine/main.js'];

export type LiveClient = Socket<ServerToClientEvents, ClientToServerEvents>;

export interface TaskShape {
  task_id: string;
  session_id: string;
  status: string;
  status_reason: string | null;
  result: string | null;
  error: string | null;
  attempt: number;
  resumes_at: string | null;
  cost_usd: number;
  output_tokens: number;
  last_seq: number;
  agent: string | null;
  prompt: string | null;
}

/** The compiled service as a process of its own, on a free port, with what the test adds to its environment. */
export class Service {
  private running: Program | null = null;
  private earlierOutput = '';
  private constructor(
    readonly dataDir: string,
    readonly port: number,
    private readonly environment: Record<string, string>,
    private readonly program: readonly string[],
  ) {}

  static async start(
    environment: Record<string, string> = {},
    { program = SERVICE }: { program?: readonly string[] } = {},
  ): Promise<Service> {
    const dataDir =
      environment.DATA_DIR ?? mkdtempSync(join(process.env.TEST_TEMP_DIR ?? tmpdir(), 'service-'));
    const service = new Service(dataDir, await freePort(), environment, program);
    await service.launch();
    return service;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  get key(): string {
    return readFileSync(join(this.dataDir, 'credentials', 'admin.key'), 'utf8').trim();
  }

  get pid(): number {
    if (!this.running) throw new Error('the service does not run');
    return this.running.pid;
  }

  /** Standard output and error since the first start: for the message of a failing test. */
  get log(): string {
    return this.earlierOutput + (this.running?.log ?? '');
  }

  async launch(changes: Record<string, string> = {}): Promise<void> {
    this.earlierOutput = this.log;
    const running = Program.spawn(this.program, {
      HOST: '127.0.0.1',
      PORT: String(this.port),
      DATA_DIR: this.dataDir,
      LOG_LEVEL: 'warn',
      LOG_JSON: 'true',
      // No load balancer looks at it, and each test would wait for one.
      SHUTDOWN_DELAY_SECONDS: '0',
      ...(process.env.NODE_ENV ? { NODE_ENV: process.env.NODE_ENV } : {}),
      ...this.environment,
      ...changes,
    });
    this.running = running;
    await waitFor(
      async () => {
        if (running.ended) return true;
        // The first key is made once the server listens.
        return (await this.call('GET', '/api/me')).status === 200;
      },
      { timeoutMs: START_LIMIT_MS, what: 'the service to start' },
    );
    if (running.ended) throw new Error(`the service ended at its start:\n${running.log}`);
  }

  /** Sends the signal and waits for the end. Returns the exit code. */
  async end(signal: NodeJS.Signals = 'SIGTERM'): Promise<number | null> {
    return (await this.running?.end(signal)) ?? null;
  }

  async call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.url}${path}`, {
      method,
      headers: {
        Authorization: `Bearer ${this.key}`,
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('application/json') === true && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: isJson ? (JSON.parse(text) as never) : ({} as never),
    };
  }

  async submit(wish: Record<string, unknown>): Promise<TaskShape> {
    const { status, body, text } = await this.call('POST', '/api/tasks', wish);
    if (status !== 202) throw new Error(`the task was not accepted: ${status} ${text}`);
    return body;
  }

  async task(taskId: string): Promise<TaskShape> {
    return (await this.call('GET', `/api/tasks/${taskId}`)).body;
  }

  async taskIn(taskId: string, statuses: readonly string[], timeoutMs = 30_000): Promise<TaskShape> {
    let last: TaskShape | null = null;
    try {
      return await waitFor(
        async () => {
          last = await this.task(taskId);
          return statuses.includes(last.status) ? last : null;
        },
        { timeoutMs, what: `task to be ${statuses.join(' or ')}` },
      );
    } catch (error) {
      throw new Error(
        `${String(error)}
last seen: ${JSON.stringify(last)}
${this.log.slice(-4000)}`,
        { cause: error },
      );
    }
  }

  finished(taskId: string, timeoutMs?: number): Promise<TaskShape> {
    return this.taskIn(taskId, ['COMPLETED', 'FAILED', 'CANCELLED'], timeoutMs);
  }

  async events(taskId: string): Promise<TaskEvent[]> {
    const { body } = await this.call('GET', `/api/tasks/${taskId}/events?limit=1000`);
    return (body as { items: TaskEvent[] }).items;
  }

  /** A connected socket; `received` collects the events of the tasks it watches. */
  async watcher(): Promise<{ socket: LiveClient; received: TaskEvent[] }> {
    const socket: LiveClient = io(`${this.url}/live`, { auth: { key: this.key }, transports: ['websocket'] });
    const received: TaskEvent[] = [];
    socket.on('task.event', (event) => received.push(event));
    await waitFor(() => socket.connected, { what: 'the socket to connect' });
    return { socket, received };
  }
}

interface Answer {
  status: number;
  headers: Headers;
  text: string;
  body: never;
}

export function ofType<T extends TaskEventType>(events: readonly TaskEvent[], type: T): TaskEvent<T>[] {
  return events.filter((event): event is TaskEvent<T> => event.type === type);
}

/** Processes that carry the mark of a run of this data folder. */
export function runProcesses(dataDir: string): string[] {
  const { stdout } = spawnSync('grep', [
    '-lsaz',
    '--',
    `^CLAUDE_CONFIG_DIR=${dataDir}/claude$`,
    ...environFiles(),
  ]);
  return String(stdout)
    .split('\n')
    .filter((line) => line !== '');
}

function environFiles(): string[] {
  return String(spawnSync('ls', ['/proc']).stdout)
    .split('\n')
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => `/proc/${pid}/environ`);
}
