import type { BusMessages } from '@app/bus';
import { isTerminal, type TaskEvent, type TaskStatus } from '@app/contracts';
import type { EventLog } from '@app/tasks';
import { roughSize } from './event-size.js';
import { EventTail } from './event-tail.js';
import type { EventPages, TaskCursor } from './task-cursor.js';

/** A page is about this large, however many events that are: it is what a slow reader may hold in memory. */
const PAGE_CHARS = 128 * 1024;
const MOST_EVENTS = 500;
/** Until something is known of the size of this task's events. */
const FIRST_EVENTS = 50;

export interface TaskHead {
  status: TaskStatus;
  last_seq: number;
}

export interface Watch {
  readonly cursor: TaskCursor;
  /** The task still runs and its log ends there. */
  readonly onHead: (seq: number) => void;
}

type Page = Awaited<ReturnType<EventPages['after']>>;

/** A watched task: what all its watchers share, so that many of them read the log hardly more often than one. */
export class TaskFeed implements EventPages {
  readonly watches = new Set<Watch>();
  private readonly tail = new EventTail();
  private readonly reads = new Map<string, Promise<Page>>();
  private told = 0;
  private eventsPerPage = FIRST_EVENTS;

  constructor(
    private readonly taskId: string,
    private readonly log: Pick<EventLog, 'read'>,
  ) {}

  hear(message: BusMessages['task.events']): void {
    this.told = Math.max(this.told, message.head);
    if (message.events) this.tail.add(message.events);
    for (const { cursor } of [...this.watches]) cursor.hear(message);
  }

  /** The head as it is stored; null when the task was removed. Repairs what the bus lost. */
  check(head: TaskHead | null): void {
    if (head) this.told = Math.max(this.told, head.last_seq);
    for (const { cursor, onHead } of [...this.watches]) {
      if (!head) cursor.finish(cursor.position);
      else if (isTerminal(head.status)) cursor.finish(head.last_seq);
      else {
        onHead(head.last_seq);
        cursor.notice(head.last_seq);
      }
    }
  }

  async after(seq: number): Promise<Page> {
    const events = this.tail.after(seq, PAGE_CHARS);
    // The tail says nothing about what was stored before it was heard, or was never heard.
    if (events) return { events, isLast: false };
    // A read that began before the last news may miss it, so only those after it are shared.
    const name = `${seq}/${this.eventsPerPage}/${this.told}`;
    const running = this.reads.get(name);
    if (running) return running;
    const read = this.read(seq, this.eventsPerPage).finally(() => this.reads.delete(name));
    this.reads.set(name, read);
    return read;
  }

  private async read(seq: number, limit: number): Promise<Page> {
    const events = await this.log.read(this.taskId, seq, limit);
    if (events.length > 0) this.eventsPerPage = pageFor(events);
    return { events, isLast: events.length < limit };
  }
}

function pageFor(events: readonly TaskEvent[]): number {
  const chars = events.reduce((sum, event) => sum + roughSize(event), 0);
  return Math.max(1, Math.min(MOST_EVENTS, Math.floor((events.length * PAGE_CHARS) / chars)));
}
