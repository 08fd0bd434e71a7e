import {
  Inject,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
  type OnModuleDestroy,
} from '@nestjs/common';
import { LIVE_BUS, type BusMessages, type LiveBus } from '@app/bus';
import { isTerminal } from '@app/contracts';
import { EventLog } from '@app/tasks';
import { TaskCursor, type CursorSink } from './task-cursor.js';

const HEAD_EVERY_MS = 5000;

interface Watch {
  cursor: TaskCursor;
  onHead: (head: number) => void;
}

/** All cursors of this process: woken by the bus, and every 5 s by the stored head, which repairs what the bus lost. */
@Injectable()
export class WatchHub implements OnApplicationBootstrap, OnModuleDestroy {
  private readonly logger = new Logger(WatchHub.name);
  private readonly byTask = new Map<string, Set<Watch>>();
  private readonly bySession = new Map<string, Set<(taskId: string) => void>>();
  private readonly ends: (() => void)[] = [];
  private ticking = false;

  constructor(
    private readonly log: EventLog,
    @Inject(LIVE_BUS) private readonly bus: LiveBus,
  ) {}

  onApplicationBootstrap(): void {
    this.ends.push(this.bus.subscribe('task.events', (message) => this.hear(message)));
    const timer = setInterval(() => void this.tick(), HEAD_EVERY_MS);
    this.ends.push(() => clearInterval(timer));
  }

  onModuleDestroy(): void {
    for (const end of this.ends) end();
  }

  /** Starts at once; returns the function that ends the watch. */
  watchTask(taskId: string, afterSeq: number, sink: CursorSink, onHead: (head: number) => void): () => void {
    const cursor = new TaskCursor(
      taskId,
      afterSeq,
      sink,
      (id, after, limit) => this.log.read(id, after, limit),
      // The next tick tries again.
      (error) => this.logger.warn({ err: error, taskId }, 'the log could not be read for a watcher'),
    );
    const watch = { cursor, onHead };
    const end = addTo(this.byTask, taskId, watch);
    cursor.start();
    return () => {
      cursor.close();
      end();
    };
  }

  /** Tells of each task of the session that has news; the listener keeps out those it watches already. */
  watchSession(sessionId: string, onTask: (taskId: string) => void): () => void {
    return addTo(this.bySession, sessionId, onTask);
  }

  private hear(message: BusMessages['task.events']): void {
    for (const onTask of this.bySession.get(message.session_id ?? '') ?? []) onTask(message.task_id);
    for (const { cursor } of this.byTask.get(message.task_id) ?? []) cursor.hear(message);
  }

  private async tick(): Promise<void> {
    if (this.ticking) return;
    this.ticking = true;
    try {
      for (const [taskId, watches] of [...this.byTask]) {
        const head = await this.log.head(taskId);
        if (!head) continue;
        for (const { cursor, onHead } of [...watches]) {
          if (!isTerminal(head.status)) onHead(head.last_seq);
          cursor.notice(head.last_seq);
        }
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'the heads of watched tasks could not be read');
    } finally {
      this.ticking = false;
    }
  }
}

function addTo<T>(sets: Map<string, Set<T>>, key: string, value: T): () => void {
  const set = sets.get(key) ?? new Set<T>();
  sets.set(key, set);
  set.add(value);
  return () => {
    set.delete(value);
    if (set.size === 0 && sets.get(key) === set) sets.delete(key);
  };
}
