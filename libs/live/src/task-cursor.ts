import type { BusMessages } from '@app/bus';
import type { TaskEvent } from '@app/contracts';
import type { Gate } from './gate.js';

/** Where a reader's events go. Shared by all cursors of that reader. */
export interface EventSink {
  /** In order, each once. */
  send(events: readonly TaskEvent[]): void;
  /** Null: there is room. Otherwise resolves when there may be some, or when the reader has gone. */
  room(): Promise<void> | null;
  /** Catching up goes through here, so that a reader of many tasks neither floods the database nor holds many pages. */
  readonly turns: Gate;
}

/** The log as a cursor reads it. */
export interface EventPages {
  /** `isLast`: at the time of the question nothing more was stored. */
  after(seq: number): Promise<{ events: readonly TaskEvent[]; isLast: boolean }>;
}

export interface CursorOwner {
  /** The log could not be read; `notice` tries again. */
  failed(error: unknown): void;
  /** Everything up to the task's end was sent. */
  ended(): void;
}

/**
 * One reader's place in the log of one task. It promises the events from `afterSeq + 1` in order, without a gap or a
 * repeat, whatever the bus loses, repeats or reorders: a message of the bus is sent on directly only when it follows
 * what was sent before, and is otherwise no more than the news that there is something to read. A slow reader waits
 * in its own cursor and reads from the log later. It leaves out: noticing by itself that a message was lost; whoever
 * owns it compares with the stored head now and then, by `notice`.
 */
export class TaskCursor {
  /** The highest seq we were told is stored. */
  private told = 0;
  /** Whether what was stored at the start has been read to its end. */
  private complete = false;
  private catchingUp = false;
  private closed = false;
  private lastSeq: number | null = null;

  constructor(
    private at: number,
    private readonly sink: EventSink,
    private readonly pages: EventPages,
    private readonly owner: CursorOwner,
  ) {}

  /** The seq of the last event that was sent. */
  get position(): number {
    return this.at;
  }

  /** Called once the bus is listened to, so that nothing falls between reading and listening. */
  start(): void {
    this.catchUp();
  }

  hear({ head, events }: Pick<BusMessages['task.events'], 'head' | 'events'>): void {
    if (this.closed || head <= this.at) return;
    if (events && !this.catchingUp && this.sink.room() === null) this.deliver(runAfter(events, this.at));
    this.notice(head);
  }

  /** Events are stored up to `head`. */
  notice(head: number): void {
    this.told = Math.max(this.told, head);
    this.catchUp();
  }

  /** The task is over, and `head` is its last event. Starts the cursor, where that was not done yet. */
  finish(head: number): void {
    this.lastSeq = head;
    if (this.at < head) this.notice(head);
    else this.endIfDone();
  }

  close(): void {
    this.closed = true;
  }

  private get isBehind(): boolean {
    if (this.closed) return false;
    return this.lastSeq === null ? !this.complete || this.at < this.told : this.at < this.lastSeq;
  }

  private catchUp(): void {
    if (this.catchingUp || !this.isBehind) return;
    this.catchingUp = true;
    // What goes wrong in it is told to the owner.
    void this.readOn();
  }

  private async readOn(): Promise<void> {
    try {
      while (this.isBehind) {
        const told = this.told;
        const sent = await this.sink.turns.run(() => this.sendPage());
        // What was announced is not there (yet), and nothing new was announced meanwhile.
        if (sent === 0 && this.told === told) break;
      }
    } catch (error) {
      this.owner.failed(error);
    } finally {
      // At once with the last look at `isBehind`: what is heard from here on starts another round.
      this.catchingUp = false;
    }
    this.endIfDone();
  }

  /** Returns how many events were sent. */
  private async sendPage(): Promise<number> {
    await this.sink.room();
    if (this.closed) return 0;
    const { events, isLast } = await this.pages.after(this.at);
    // Other cursors of this reader may have filled its buffer meanwhile.
    for (let full = this.sink.room(); full && !this.closed; full = this.sink.room()) await full;
    if (this.closed) return 0;
    if (isLast) this.complete = true;
    // A log that lost its end, or never had one (a row made by hand), keeps nobody waiting.
    if (isLast && events.length === 0 && this.lastSeq !== null) this.lastSeq = this.at;
    this.deliver(events);
    return events.length;
  }

  private deliver(events: readonly TaskEvent[]): void {
    const last = events.at(-1);
    if (!last) return;
    this.at = last.seq;
    this.sink.send(events);
  }

  private endIfDone(): void {
    if (this.closed || this.catchingUp || this.lastSeq === null || this.at < this.lastSeq) return;
    this.close();
    this.owner.ended();
  }
}

/** The part of what was heard that follows `at` without a gap. */
function runAfter(events: readonly TaskEvent[], at: number): readonly TaskEvent[] {
  const from = events.findIndex(({ seq }) => seq === at + 1);
  if (from < 0) return [];
  const gap = events.findIndex(({ seq }, index) => index > from && seq !== at + 1 + index - from);
  return from === 0 && gap < 0 ? events : events.slice(from, gap < 0 ? undefined : gap);
}
