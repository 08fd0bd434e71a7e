/** What may wait for the reader: as many, and as many characters in all of them. */
export interface BacklogLimits {
  events: number;
  chars: number;
}

/**
 * Hands events from a run to its one reader. It never drops and never blocks the writer; who produces events asks
 * `hasRoom` and waits for `room()` before producing more.
 */
export class EventQueue<T extends object | number> implements AsyncIterable<T> {
  readonly #limits: BacklogLimits;
  readonly #charsOf: (item: T) => number;
  #items: T[] = [];
  #chars = 0;
  #closed = false;
  #unlimited = false;
  #wakeReader: (() => void) | null = null;
  #waitingForRoom: (() => void)[] = [];

  constructor(limits: BacklogLimits, charsOf: (item: T) => number) {
    this.#limits = limits;
    this.#charsOf = charsOf;
  }

  get hasRoom(): boolean {
    const { events, chars } = this.#limits;
    return this.#unlimited || (this.#items.length < events && this.#chars < chars);
  }

  /** Resolves when there is room again. */
  async room(): Promise<void> {
    if (this.hasRoom) return;
    await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
  }

  push(item: T): void {
    if (this.#closed) return;
    this.#items.push(item);
    this.#chars += this.#charsOf(item);
    this.#wakeReader?.();
  }

  /** No waiting for room from now on: a run that is being stopped has to get through. */
  liftLimit(): void {
    this.#unlimited = true;
    this.#releaseWaiting();
  }

  close(): void {
    this.#closed = true;
    this.liftLimit();
    this.#wakeReader?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<T> {
    try {
      for (;;) {
        // One by one: what the reader has taken is not kept until it has taken all.
        const item = this.#items.shift();
        if (item !== undefined) {
          this.#chars -= this.#charsOf(item);
          if (this.hasRoom) this.#releaseWaiting();
          yield item;
          continue;
        }
        if (this.#closed) return;
        await new Promise<void>((resolve) => (this.#wakeReader = resolve));
        this.#wakeReader = null;
      }
    } finally {
      // A reader that walks away must not hold up the run.
      this.#closed = true;
      this.#items = [];
      this.#chars = 0;
      this.liftLimit();
    }
  }

  #releaseWaiting(): void {
    for (const release of this.#waitingForRoom.splice(0)) release();
  }
}
