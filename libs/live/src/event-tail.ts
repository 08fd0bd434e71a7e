import type { TaskEvent } from '@app/contracts';
import { roughSize } from './event-size.js';

const MAX_EVENTS = 1000;
const MAX_CHARS = 256 * 1024;

/**
 * The newest events of one task as they were heard, without a gap among them, and bounded. Readers that are a moment
 * behind are served from here, so that many of them together do not read the database for each event.
 */
export class EventTail {
  private events: TaskEvent[] = [];
  private sizes: number[] = [];
  private chars = 0;

  /** Consecutive events. Those known already are left out; a gap before them makes the tail begin anew. */
  add(heard: readonly TaskEvent[]): void {
    for (const event of heard) {
      const last = this.events.at(-1)?.seq;
      if (last !== undefined && event.seq <= last) continue;
      if (last !== undefined && event.seq > last + 1) this.clear();
      const size = roughSize(event);
      this.events.push(event);
      this.sizes.push(size);
      this.chars += size;
    }
    this.forget();
  }

  /** The events behind that seq, as many as make a page, or null when they are not (all) remembered. */
  after(seq: number, pageChars: number): readonly TaskEvent[] | null {
    const [first] = this.events;
    const from = first ? seq + 1 - first.seq : -1;
    if (from < 0 || from >= this.events.length) return null;
    let to = from;
    for (let chars = 0; to < this.events.length && (to === from || chars < pageChars); to += 1) {
      chars += this.sizes[to] ?? 0;
    }
    return this.events.slice(from, to);
  }

  private forget(): void {
    let gone = 0;
    while (this.events.length - gone > MAX_EVENTS || this.chars > MAX_CHARS) {
      this.chars -= this.sizes[gone] ?? 0;
      gone += 1;
    }
    if (gone === 0) return;
    this.events = this.events.slice(gone);
    this.sizes = this.sizes.slice(gone);
  }

  private clear(): void {
    this.events = [];
    this.sizes = [];
    this.chars = 0;
  }
}
