import { io, type Socket } from 'socket.io-client';
import {
  isTerminal,
  isTerminalEvent,
  LIVE_NAMESPACE,
  type Ack,
  type ClientToServerEvents,
  type ServerToClientEvents,
  type TaskEvent,
  type WatchedTask,
} from '@app/contracts';
import { CliError } from '../cli-error.js';
import type { Access } from './api-client.js';

type WatchReply = Parameters<Ack<WatchedTask>>[0];

const ACK_TIMEOUT_MS = 10_000;
/** How long a connection may be away before the watcher gives up. The task itself goes on. */
const AWAY_LIMIT_MS = 60_000;
const RETRY_WATCH_MS = 1000;

export interface WatchOptions {
  taskId: string;
  /** Each event once, in order. */
  onEvent: (event: TaskEvent) => void;
  onConnection?: (state: 'lost' | 'back') => void;
  /** Ends the watching; the promise then resolves. */
  signal?: AbortSignal;
}

/**
 * Follows a task to its end. After an interruption it goes on behind the last event it applied, so nothing is
 * missed and nothing is shown twice. Resolves when the task has ended. Throws `CliError` when the server refuses
 * or stays away for a minute.
 */
export function watchTask(access: Access, options: WatchOptions): Promise<void> {
  return new TaskWatch(access, options).run();
}

class TaskWatch {
  private readonly socket: Socket<ServerToClientEvents, ClientToServerEvents>;
  private applied = 0;
  private lost = false;
  private asking = false;
  private awayTimer: NodeJS.Timeout | null = null;
  private retryTimer: NodeJS.Timeout | null = null;
  private settle: (error: CliError | null) => void = () => undefined;

  constructor(
    private readonly access: Access,
    private readonly options: WatchOptions,
  ) {
    this.socket = io(access.url + LIVE_NAMESPACE, {
      auth: { key: access.key },
      transports: ['websocket', 'polling'],
      tryAllTransports: true,
      reconnectionDelay: 300,
      reconnectionDelayMax: 3000,
      autoConnect: false,
      forceNew: true,
    });
  }

  async run(): Promise<void> {
    const stop = (): void => this.settle(null);
    try {
      await new Promise<void>((resolve, reject) => {
        this.settle = (error) => (error ? reject(error) : resolve());
        if (this.options.signal?.aborted) return resolve();
        this.options.signal?.addEventListener('abort', stop, { once: true });
        this.listen();
        this.limitAbsence();
        this.socket.connect();
      });
    } finally {
      this.options.signal?.removeEventListener('abort', stop);
      for (const timer of [this.awayTimer, this.retryTimer]) if (timer) clearTimeout(timer);
      this.socket.disconnect();
    }
  }

  private listen(): void {
    this.socket.on('connect', () => {
      if (this.awayTimer) clearTimeout(this.awayTimer);
      if (this.lost) this.options.onConnection?.('back');
      this.lost = false;
      this.asking = false;
      this.ask();
    });
    this.socket.on('disconnect', (reason) => {
      if (reason === 'io client disconnect') return;
      this.lose();
      // A server that ends a connection itself is not tried again by Socket.IO: it may only be restarting.
      if (reason === 'io server disconnect') this.socket.connect();
    });
    this.socket.on('connect_error', (error) => {
      const refusal = refusalOf(error);
      // A server that refuses the key, not one that is away: trying again would not help.
      if (refusal && refusal.code !== 'INTERNAL_ERROR') return this.settle(new CliError(refusal.text));
      if (refusal) this.again(() => this.socket.connect());
    });
    this.socket.on('task.event', (event) => this.apply(event));
    this.socket.on('head', ({ task_id, seq }) => {
      if (task_id === this.options.taskId && seq > this.applied) this.ask();
    });
  }

  private apply(event: TaskEvent): void {
    if (event.task_id !== this.options.taskId || event.seq <= this.applied) return;
    if (event.seq > this.applied + 1) return this.ask();
    this.applied = event.seq;
    this.options.onEvent(event);
    if (isTerminalEvent(event.type)) this.settle(null);
  }

  /** Asks for all events behind the last applied one. */
  private ask(): void {
    if (this.asking) return;
    this.asking = true;
    const request = { task_id: this.options.taskId, after_seq: this.applied };
    this.socket.timeout(ACK_TIMEOUT_MS).emit('task.watch', request, (error: Error | null, reply) => {
      this.asking = false;
      if (!error) this.answered(reply);
      // A connection that is still there is asked again; a new one asks by itself.
      else if (this.socket.connected) this.again(() => this.ask());
    });
  }

  private answered(reply: WatchReply): void {
    if (!reply.ok) {
      if (reply.code === 'RATE_LIMITED') this.again(() => this.ask());
      else this.settle(new CliError(`${reply.code}: ${reply.message}`));
    } else if (isTerminal(reply.status) && this.applied >= reply.head) this.settle(null);
  }

  private again(action: () => void): void {
    if (this.retryTimer) clearTimeout(this.retryTimer);
    this.retryTimer = setTimeout(action, RETRY_WATCH_MS);
  }

  private lose(): void {
    if (this.lost) return;
    this.lost = true;
    this.options.onConnection?.('lost');
    this.limitAbsence();
  }

  private limitAbsence(): void {
    if (this.awayTimer) clearTimeout(this.awayTimer);
    this.awayTimer = setTimeout(() => {
      const { taskId } = this.options;
      this.settle(
        new CliError(
          `The connection to ${this.access.url} is gone. The task goes on; see it with \`claude-agent task watch ${taskId}\`.`,
        ),
      );
    }, AWAY_LIMIT_MS);
  }
}

/** What the gateway said when it refused the handshake; null when the server was not reached. */
function refusalOf(error: Error): { code: string; text: string } | null {
  if (!('data' in error) || typeof error.data !== 'object' || error.data === null) return null;
  const { data } = error;
  if (!('code' in data) || !('message' in data)) return null;
  return { code: String(data.code), text: `${String(data.code)}: ${String(data.message)}` };
}
