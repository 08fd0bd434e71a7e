import { AppError, type TaskStatusMessage, type WatchedTask } from '@app/contracts';
import type { SessionConnections, SessionService } from '@app/sessions';
import type { TaskService } from '@app/tasks';
import { sinkOf, type LiveSocket } from './live-socket.js';
import type { CursorSink } from './task-cursor.js';
import type { WatchHub } from './watch-hub.js';

const MAX_WATCHES = 1000;

export interface WatcherNeeds {
  hub: WatchHub;
  tasks: TaskService;
  sessions: SessionService;
  connections: SessionConnections;
}

/** What one socket watches. Watching the same thing again moves its place. */
export class SocketWatcher {
  private readonly ends = new Map<string, () => void>();
  private readonly sink: CursorSink;
  private closed = false;

  constructor(
    private readonly socket: LiveSocket,
    private readonly needs: WatcherNeeds,
  ) {
    this.sink = sinkOf(socket);
  }

  /** Throws TASK_NOT_FOUND. */
  async watchTask(taskId: string, afterSeq: number): Promise<WatchedTask> {
    const task = await this.needs.tasks.get(taskId);
    this.follow(taskId, afterSeq);
    return { task_id: taskId, status: task.status, head: task.last_seq };
  }

  /** Throws SESSION_NOT_FOUND. Its tasks to come are followed from their start. */
  async watchSession(sessionId: string, after: ReadonlyMap<string, number>): Promise<WatchedTask[]> {
    await this.needs.sessions.get(sessionId);
    const record = await this.record(sessionId);
    const followed = new Set<string>();
    const follow = (taskId: string): void => {
      if (followed.has(taskId)) return;
      followed.add(taskId);
      this.follow(taskId, after.get(taskId) ?? 0);
    };
    // Listening first: a task that is made while the list is read is not missed.
    const endSession = this.needs.hub.watchSession(sessionId, follow);
    this.replace(`session ${sessionId}`, () => {
      endSession();
      for (const taskId of followed) this.end(`task ${taskId}`);
      record();
    });
    const tasks = await this.needs.tasks.tasksOfSession(sessionId);
    for (const { task_id } of tasks) follow(task_id);
    return tasks.map(({ task_id, status, last_seq }) => ({ task_id, status, head: last_seq }));
  }

  watchFeed(subscribe: (handler: (message: TaskStatusMessage) => void) => () => void): void {
    this.replace(
      'feed',
      subscribe((message) => this.socket.emit('task.status', message)),
    );
  }

  unwatch(wish: {
    session_id?: string | undefined;
    task_id?: string | undefined;
    feed?: boolean | undefined;
  }): void {
    if (wish.session_id) this.end(`session ${wish.session_id}`);
    if (wish.task_id) this.end(`task ${wish.task_id}`);
    if (wish.feed) this.end('feed');
  }

  close(): void {
    this.closed = true;
    for (const name of [...this.ends.keys()]) this.end(name);
  }

  private follow(taskId: string, afterSeq: number): void {
    const { socket } = this;
    const name = `task ${taskId}`;
    this.end(name);
    this.replace(
      name,
      this.needs.hub.watchTask(taskId, afterSeq, this.sink, (seq) =>
        socket.emit('head', { task_id: taskId, seq }),
      ),
    );
  }

  /** Notes in the database that somebody watches; the returned function notes the end. */
  private async record(sessionId: string): Promise<() => void> {
    const { handshake, conn, data } = this.socket;
    const connectionId = await this.needs.connections.open({
      session_id: sessionId,
      transport: conn.transport.name,
      remote_address: handshake.address,
      user_agent: handshake.headers['user-agent']?.slice(0, 500) ?? null,
      key_id: data.caller.key_id,
    });
    return () => void this.needs.connections.close(connectionId).catch(() => undefined);
  }

  private replace(name: string, end: () => void): void {
    this.end(name);
    if (this.closed) return end();
    if (this.ends.size >= MAX_WATCHES) {
      end();
      throw new AppError('RATE_LIMITED', `One connection watches at most ${MAX_WATCHES} things.`);
    }
    this.ends.set(name, end);
  }

  private end(name: string): void {
    const end = this.ends.get(name);
    this.ends.delete(name);
    end?.();
  }
}
