import type { NewTaskEvent } from '@app/contracts';
import type { RunNews } from '@app/tasks';

/** Two writes are at least this far apart while output streams: what comes between travels together. */
const WINDOW_MS = 40;
const MAX_BATCH_BYTES = 64 * 1024;
/** A run that produces faster than the database stores waits here. */
const MAX_PENDING_BYTES = 256 * 1024;

type Store = (news: RunNews) => Promise<boolean>;
type Beside = Omit<RunNews, 'events'>;

/**
 * Collects the events of one run into batches for the log. The first event after a pause is written at once;
 * pieces of the same message that wait together become one. `add` resolves when there is room for more, so a flood
 * slows its own run and nothing else. After a refused write (the claim is lost) everything is dropped and
 * `lost` aborts.
 */
export class EventRecorder {
  private pending: NewTaskEvent[] = [];
  private beside: Beside = {};
  private pendingBytes = 0;
  private writing: Promise<void> | null = null;
  private timer: NodeJS.Timeout | null = null;
  private lastWriteAt = 0;
  private failed: Error | null = null;
  private readonly lostController = new AbortController();

  constructor(
    private readonly store: Store,
    private readonly now: () => number = () => performance.now(),
  ) {}

  /** Aborts when the log refused a write or cannot be written. */
  get lost(): AbortSignal {
    return this.lostController.signal;
  }

  /** Stored together with the next event that is added. */
  note(news: Beside): void {
    this.beside = { ...this.beside, ...news };
  }

  /** Why it cannot be written; null when it was refused. */
  get failure(): Error | null {
    return this.failed;
  }

  async add(event: NewTaskEvent): Promise<void> {
    if (this.lost.aborted) return;
    if (!this.merge(event)) this.pending.push(event);
    this.pendingBytes += sizeOf(event);
    this.schedule();
    while (this.pendingBytes > MAX_PENDING_BYTES && this.writing) await this.writing;
  }

  /** Resolves when everything added so far is stored. False: it was refused. */
  async flush(): Promise<boolean> {
    while (this.writing || this.pending.length > 0) {
      this.write();
      await this.writing;
    }
    if (this.failed) throw this.failed;
    return !this.lost.aborted;
  }

  /** Ends the timer; what is pending is dropped. */
  close(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    this.pending = [];
  }

  private merge(event: NewTaskEvent): boolean {
    const last = this.pending.at(-1);
    if (event.type !== 'task.output' || last?.type !== 'task.output') return false;
    const same =
      last.data.message_id === event.data.message_id &&
      last.data.kind === event.data.kind &&
      last.data.parent_tool_use_id === event.data.parent_tool_use_id;
    if (same)
      this.pending[this.pending.length - 1] = {
        ...last,
        data: { ...last.data, text: last.data.text + event.data.text },
      };
    return same;
  }

  private schedule(): void {
    if (this.writing) return;
    const waitMs = this.pendingBytes >= MAX_BATCH_BYTES ? 0 : this.lastWriteAt + WINDOW_MS - this.now();
    if (waitMs <= 0) return this.write();
    this.timer ??= setTimeout(() => this.write(), waitMs);
  }

  private write(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    if (this.writing || this.pending.length === 0) return;
    const news = { ...this.beside, events: this.pending };
    this.pending = [];
    this.beside = {};
    this.pendingBytes = 0;
    this.lastWriteAt = this.now();
    this.writing = this.storeNews(news).finally(() => {
      this.writing = null;
      if (this.pending.length > 0) this.schedule();
    });
  }

  private async storeNews(news: RunNews): Promise<void> {
    try {
      if (await this.store(news)) return;
    } catch (error) {
      this.failed =
        error instanceof Error ? error : new Error('the log could not be written', { cause: error });
    }
    this.pending = [];
    this.lostController.abort();
  }
}

/** Roughly: enough to bound memory. */
function sizeOf(event: NewTaskEvent): number {
  if (event.type === 'task.output' || event.type === 'task.message') return event.data.text.length + 100;
  return JSON.stringify(event.data).length;
}
