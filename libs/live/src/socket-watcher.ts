import type { LiveBus } from '@app/bus';
import { AppError, isTerminal, type WatchedTask } from '@app/contracts';
import type { SessionService } from '@app/sessions';
import type { TaskService } from '@app/tasks';
import type { ConnectionRecords } from './connection-records.js';
import type { LiveSocket } from './live-socket.js';
import { SocketPresence } from './socket-presence.js';
import { SocketSink } from './socket-sink.js';
import { StatusFeed } from './status-feed.js';
import type { TaskHead } from './task-feed.js';
import type { WatchHub } from './watch-hub.js';

/** What one socket may ask to watch; the tasks of a session it watches come on top. */
const MAX_WATCHES = 1000;
const FEED = 'feed';

export interface WatcherNeeds {
  readonly hub: WatchHub;
  readonly tasks: Pick<TaskService, 'get' | 'tasksOfSession'>;
  readonly sessions: Pick<SessionService, 'get'>;
  readonly records: ConnectionRecords;
  readonly bus: LiveBus;
}

interface Followed {
  /** The watch this task belongs to: of its own, or of its session. */
  owner: string;
  end: () => void;
}

/** What one socket watches. Asking for the same again begins anew from the given place. */
export class SocketWatcher {
  private readonly sink: SocketSink;
  private readonly presence: SocketPresence;
  /** By what was asked for: `task x`, `session y`, `feed`. */
  private readonly watches = new Map<string, () => void>();
  private readonly followed = new Map<string, Followed>();
  private closed = false;

  constructor(
    private readonly socket: LiveSocket,
    private readonly needs: WatcherNeeds,
  ) {
    this.sink = new SocketSink(socket);
    this.presence = new SocketPresence(socket, needs.records);
  }

  /** Throws TASK_NOT_FOUND. */
  async watchTask(taskId: string, afterSeq: number): Promise<WatchedTask> {
    const task = await this.needs.tasks.get(taskId);
    const name = `task ${taskId}`;
    this.begin(name, () => {
      const leave = task.session_id ? this.presence.enter(task.session_id) : undefined;
      this.follow(taskId, afterSeq, task, name);
      return () => {
        this.unfollow(taskId, name);
        leave?.();
      };
    });
    return { task_id: taskId, status: task.status, head: task.last_seq };
  }

  /** Throws SESSION_NOT_FOUND. Its tasks to come are followed from their start. */
  async watchSession(sessionId: string, after: ReadonlyMap<string, number>): Promise<WatchedTask[]> {
    await this.needs.sessions.get(sessionId);
    const name = `session ${sessionId}`;
    /** Those of finished tasks too: nothing of them is followed any more. */
    const seen = new Set<string>();
    const see = (taskId: string, known: TaskHead | null): void => {
      if (seen.has(taskId)) return;
      seen.add(taskId);
      this.follow(taskId, after.get(taskId) ?? 0, known, name);
    };
    this.begin(name, () => {
      const leave = this.presence.enter(sessionId);
      // Listening before the list is read: a task that is made meanwhile is not missed.
      const unlisten = this.needs.hub.watchSession(sessionId, see);
      return () => {
        unlisten();
        for (const taskId of seen) this.unfollow(taskId, name);
        leave();
      };
    });
    const tasks = await this.needs.tasks.tasksOfSession(sessionId);
    // What runs is shown first; a long history may take its time.
    for (const task of [...tasks].sort(byLiveliness)) if (this.watches.has(name)) see(task.task_id, task);
    return tasks.map(({ task_id, status, last_seq }) => ({ task_id, status, head: last_seq }));
  }

  watchFeed(): void {
    const feed = new StatusFeed(
      () => this.sink.room(),
      (message) => this.socket.emit('task.status', message),
    );
    this.begin(FEED, () => this.needs.bus.subscribe('task.status', (message) => feed.hear(message)));
  }

  unwatch(wish: { session_id?: string; task_id?: string; feed?: boolean }): void {
    if (wish.session_id !== undefined) this.end(`session ${wish.session_id}`);
    if (wish.task_id !== undefined) this.unwatchTask(wish.task_id);
    if (wish.feed) this.end(FEED);
  }

  close(): void {
    this.closed = true;
    for (const name of [...this.watches.keys()]) this.end(name);
  }

  private begin(name: string, start: () => () => void): void {
    this.end(name);
    if (this.closed) return;
    if (this.watches.size >= MAX_WATCHES) {
      throw new AppError(
        'RATE_LIMITED',
        `One connection watches at most ${MAX_WATCHES} things. Unwatch some.`,
      );
    }
    this.watches.set(name, start());
  }

  private end(name: string): void {
    const end = this.watches.get(name);
    this.watches.delete(name);
    end?.();
  }

  private follow(taskId: string, afterSeq: number, known: TaskHead | null, owner: string): void {
    this.followed.get(taskId)?.end();
    const { socket, sink } = this;
    const entry: Followed = { owner, end: () => undefined };
    this.followed.set(taskId, entry);
    entry.end = this.needs.hub.watchTask({
      taskId,
      afterSeq,
      sink,
      known,
      // A reader that is behind learns of the head by its events.
      onHead: (seq) => void (sink.room() ?? socket.emit('head', { task_id: taskId, seq })),
      onEnd: () => {
        if (this.followed.get(taskId) === entry) this.followed.delete(taskId);
      },
    });
  }

  /** Also one task out of a watched session. */
  private unwatchTask(taskId: string): void {
    this.end(`task ${taskId}`);
    const entry = this.followed.get(taskId);
    if (entry) this.unfollow(taskId, entry.owner);
  }

  private unfollow(taskId: string, owner: string): void {
    const entry = this.followed.get(taskId);
    if (entry?.owner !== owner) return;
    this.followed.delete(taskId);
    entry.end();
  }
}

function byLiveliness(one: TaskHead, other: TaskHead): number {
  return Number(isTerminal(one.status)) - Number(isTerminal(other.status));
}
