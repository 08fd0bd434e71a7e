import { io } from 'socket.io-client';
import type { WatcherRecording } from '../checker/history.js';
import type { LiveClient } from '../../support/service.js';
import type { TaskEvent } from '@app/contracts';
import type { Endpoint } from './fault-client.js';
import { Recording } from './recording.js';

const ACK_LIMIT_MS = 5000;
const RETRY_MS = 300;

/**
 * A browser that watches tasks over one socket: it keeps every frame, and after a break goes on behind the last one,
 * on the same node or on the next one.
 */
export class SocketWatcher {
  private readonly recordings = new Map<string, Recording>();
  private readonly timers = new Set<NodeJS.Timeout>();
  private socket: LiveClient;
  private turn = 0;
  private closed = false;

  constructor(
    private readonly name: string,
    private readonly endpoints: readonly [Endpoint, ...Endpoint[]],
    private readonly key: string,
  ) {
    this.socket = this.connect();
  }

  watch(taskId: string): void {
    this.recordings.set(taskId, new Recording(this.name, taskId));
    if (this.socket.connected) this.ask(this.socket, taskId);
  }

  /** Cuts the connection the hard way, and connects again. */
  flap(): void {
    const old = this.socket;
    this.socket = this.connect();
    // The transport, not the client: the server must see a line that breaks, not a goodbye.
    old.io.engine?.close();
    old.disconnect();
  }

  get finished(): boolean {
    return [...this.recordings.values()].every((recording) => recording.finished);
  }

  headOf(taskId: string): number {
    return this.recordings.get(taskId)?.applied ?? 0;
  }

  recorded(): WatcherRecording[] {
    return [...this.recordings.values()].map((recording) => recording.take());
  }

  close(): void {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    this.socket.disconnect();
  }

  private connect(): LiveClient {
    const endpoint = this.endpoints[this.turn++ % this.endpoints.length] ?? this.endpoints[0];
    const socket: LiveClient = io(`${endpoint.url}/live`, {
      auth: { key: this.key },
      transports: ['websocket'],
      forceNew: true,
      reconnection: false,
      timeout: ACK_LIMIT_MS,
    });
    socket.on('connect', () => {
      for (const [taskId, recording] of this.recordings) if (!recording.finished) this.ask(socket, taskId);
    });
    socket.on('task.event', (event) => {
      if (socket === this.socket) this.take(socket, event);
    });
    socket.on('head', ({ task_id, seq }) => {
      // Not behind by more than what is on its way: the promise says so, and the checker would find a lost tail.
      if (socket === this.socket) this.recordings.get(task_id)?.noteHead(seq);
    });
    const again = () => {
      this.laterFlap(socket);
    };
    socket.on('disconnect', again);
    socket.on('connect_error', again);
    return socket;
  }

  private ask(socket: LiveClient, taskId: string): void {
    const recording = this.recordings.get(taskId);
    if (!recording) return;
    recording.connect();
    socket
      .timeout(ACK_LIMIT_MS)
      .emit('task.watch', { task_id: taskId, after_seq: recording.applied }, (error, reply) => {
        if (!error && reply.ok) return;
        // Refused or not answered: a fresh connection is the simplest way to a known state.
        this.laterFlap(socket);
      });
  }

  private take(socket: LiveClient, event: TaskEvent): void {
    if (socket !== this.socket) return;
    const { seq, type, at, data } = event;
    this.recordings.get(event.task_id)?.add({ seq, type, at, data: JSON.stringify(data) });
  }

  /** Unless another connection has taken the place of this one meanwhile. */
  private laterFlap(socket: LiveClient): void {
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      if (socket === this.socket && !this.closed) this.flap();
    }, RETRY_MS);
    this.timers.add(timer);
  }
}
