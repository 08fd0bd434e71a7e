import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { LIVE_BUS, type BusMessages, type LiveBus } from '@app/bus';
import { isTerminal } from '@app/contracts';
import { EventLog, TaskService } from '@app/tasks';
import { TaskCursor, type EventSink } from './task-cursor.js';
import { TaskFeed, type TaskHead, type Watch } from './task-feed.js';

const CHECK_EVERY_MS = 5000;

export interface TaskWatch {
  taskId: string;
  afterSeq: number;
  sink: EventSink;
  /** What was stored a moment ago, where that is known. */
  known: TaskHead | null;
  /** Every five seconds while the task is not over. */
  onHead: (seq: number) => void;
  /** The task is over and everything was sent. */
  onEnd: () => void;
}

type SessionListener = (taskId: string, known: TaskHead | null) => void;

/**
 * All watches of this process: woken by the bus, and every five seconds by what is stored, which repairs whatever the
 * bus lost. It goes on until the very end of a shutdown, since tasks that are drained are watched too.
 */
@Injectable()
export class WatchHub implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(WatchHub.name);
  private readonly feeds = new Map<string, TaskFeed>();
  private readonly sessions = new Map<string, Set<SessionListener>>();
  private unsubscribe: () => void = () => undefined;
  private timer: NodeJS.Timeout | undefined;
  private checking = false;

  constructor(
    private readonly log: EventLog,
    private readonly tasks: TaskService,
    @Inject(LIVE_BUS) private readonly bus: LiveBus,
  ) {}

  onApplicationBootstrap(): void {
    this.unsubscribe = this.bus.subscribe('task.events', (message) => this.hear(message));
    this.timer = setInterval(() => void this.check(), CHECK_EVERY_MS);
  }

  onApplicationShutdown(): void {
    this.unsubscribe();
    clearInterval(this.timer);
  }

  /** Starts at once; returns the function that ends the watch. */
  watchTask({ taskId, afterSeq, sink, known, onHead, onEnd }: TaskWatch): () => void {
    const feed = this.feeds.get(taskId) ?? new TaskFeed(taskId, this.log);
    this.feeds.set(taskId, feed);
    const cursor = new TaskCursor(afterSeq, sink, feed, {
      // The next check tries again.
      failed: (error) => this.logger.warn({ err: error, taskId }, 'the log could not be read for a watcher'),
      ended: () => {
        end();
        onEnd();
      },
    });
    const watch: Watch = { cursor, onHead };
    const end = (): void => {
      cursor.close();
      feed.watches.delete(watch);
      if (feed.watches.size === 0 && this.feeds.get(taskId) === feed) this.feeds.delete(taskId);
    };
    feed.watches.add(watch);
    if (known && isTerminal(known.status)) cursor.finish(known.last_seq);
    else cursor.start();
    return end;
  }

  /** Tells of tasks of the session that have news, again and again: the listener keeps out those it has. */
  watchSession(sessionId: string, listener: SessionListener): () => void {
    const listeners = this.sessions.get(sessionId) ?? new Set<SessionListener>();
    this.sessions.set(sessionId, listeners.add(listener));
    return () => {
      listeners.delete(listener);
      if (listeners.size === 0 && this.sessions.get(sessionId) === listeners) this.sessions.delete(sessionId);
    };
  }

  /** Compares all watches with what is stored. */
  async check(): Promise<void> {
    if (this.checking) return;
    this.checking = true;
    try {
      const heads = await this.headsOfSessions();
      for (const [taskId, feed] of [...this.feeds]) {
        feed.check(heads.get(taskId) ?? (await this.log.head(taskId)));
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'watched tasks could not be compared with what is stored');
    } finally {
      this.checking = false;
    }
  }

  private async headsOfSessions(): Promise<Map<string, TaskHead>> {
    const heads = new Map<string, TaskHead>();
    for (const [sessionId, listeners] of [...this.sessions]) {
      for (const task of await this.tasks.tasksOfSession(sessionId)) {
        heads.set(task.task_id, task);
        for (const listener of [...listeners]) listener(task.task_id, task);
      }
    }
    return heads;
  }

  private hear(message: BusMessages['task.events']): void {
    const listeners = message.session_id ? this.sessions.get(message.session_id) : undefined;
    for (const listener of [...(listeners ?? [])]) listener(message.task_id, null);
    this.feeds.get(message.task_id)?.hear(message);
  }
}
