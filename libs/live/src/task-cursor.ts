import type { BusMessages } from '@app/bus';
import type { TaskEvent } from '@app/contracts';

const PAGE = 500;

/** Where a cursor's events go. */
export interface CursorSink {
  /** In order, each once. */
  send(events: TaskEvent[]): void;
  /** Null: there is room. Otherwise resolves when there is, or when the reader has gone. */
  room(): Promise<void> | null;
}

type ReadLog = (taskId: string, afterSeq: number, limit: number) => Promise<TaskEvent[]>;

/**
 * One reader's place in the log of one task. It promises the events from `afterSeq + 1` in order, without a gap or a
 * repeat, whatever the bus loses, repeats or reorders: a message of the bus is sent on directly only when it follows
 * what was sent before, and is otherwise no more than the news that there is something to read. A slow reader waits
 * in its own cursor and reads from the log later.
 */
export class TaskCursor {
  private wanted = Number.POSITIVE_INFINITY;
  private reading: Promise<void> | null = null;
  private closed = false;

  constructor(
    readonly taskId: string,
    private at: number,
    private readonly sink: CursorSink,
    private readonly readLog: ReadLog,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** The seq of the last event that was sent. */
  get position(): number {
    return this.at;
  }

  /** Reads what is stored. Called once the bus is listened to, so that nothing falls between the two. */
  start(): void {
    this.read();
  }

  hear(message: BusMessages['task.events']): void {
    if (this.closed || message.head <= this.at) return;
    const fresh = message.events?.filter((event) => event.seq > this.at) ?? [];
    if (!this.reading && fresh[0]?.seq === this.at + 1 && this.sink.room() === null) {
      this.deliver(fresh);
      return;
    }
    this.notice(message.head);
  }

  /** There are events up to `head`. */
  notice(head: number): void {
    if (this.closed || head <= this.at) return;
    this.wanted = this.reading
      ? Math.max(this.wanted === Number.POSITIVE_INFINITY ? 0 : this.wanted, head)
      : head;
    this.read();
  }

  close(): void {
    this.closed = true;
  }

  private read(): void {
    this.reading ??= this.catchUp()
      .catch((error: unknown) => this.onError(error))
      .finally(() => {
        this.reading = null;
      });
  }

  private async catchUp(): Promise<void> {
    while (!this.closed && this.at < this.wanted) {
      await this.sink.room();
      const events = await this.readLog(this.taskId, this.at, PAGE);
      if (this.closed) return;
      if (events.length > 0) this.deliver(events);
      // The first read has no goal but the end; later ones end when what was announced is sent, or is not there yet.
      if (events.length === 0) return;
    }
  }

  private deliver(events: TaskEvent[]): void {
    const last = events.at(-1);
    if (!last) return;
    this.at = last.seq;
    this.sink.send(events);
  }
}
