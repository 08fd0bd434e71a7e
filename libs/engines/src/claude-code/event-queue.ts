/**
 * Hands events from a run to its one reader. It never drops and never blocks the writer; who produces events asks
 * `hasRoom` and waits for `room()` before producing more.
 */
export class EventQueue<T> implements AsyncIterable<T> {
  readonly #limit: number;
  #items: T[] = [];
  #closed = false;
  #unlimited = false;
  #wakeReader: (() => void) | null = null;
  #waitingForRoom: (() => void)[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get hasRoom(): boolean {
    return this.#unlimited || this.#items.length < this.#limit;
  }

  /** Resolves when there is room again. */
  async room(): Promise<void> {
    if (this.hasRoom) return;
    await new Promise<void>((resolve) => this.#waitingForRoom.push(resolve));
  }

  push(item: T): void {
    if (this.#closed) return;
    this.#items.push(item);
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
        const batch = this.#items;
        this.#items = [];
        this.#releaseWaiting();
        yield* batch;
        if (this.#items.length > 0) continue;
        if (this.#closed) return;
        await new Promise<void>((resolve) => (this.#wakeReader = resolve));
        this.#wakeReader = null;
      }
    } finally {
      // A reader that walks away must not hold up the run.
      this.#closed = true;
      this.#items = [];
      this.liftLimit();
    }
  }

  #releaseWaiting(): void {
    for (const release of this.#waitingForRoom.splice(0)) release();
  }
}
