import { tookNothing } from './database-error.js';

interface Waiting<Item, Stored> {
  item: Item;
  resolve: (stored: Stored) => void;
  reject: (error: unknown) => void;
}

export interface BatchLimits {
  /** Items in a batch. */
  largest: number;
  /** Batches that are being stored at the same time. */
  atOnce: number;
  /**
   * While a batch is being stored, how long the next one waits for its end before it begins beside it: the longer, the
   * larger the batches, and a batch that is held up by a lock holds up no other for longer.
   */
  patienceMs: number;
}

/**
 * Stores together what is asked for at the same time: what comes while a batch is being stored goes with the next. It
 * promises an answer for each item after its commit, and that an item which is refused for its own sake (a key that
 * exists) fails alone: its batch is then stored one by one. Every other failure fails the whole batch, for nobody knows
 * whether it was stored: only the caller can ask.
 */
export class WriteBatches<Item, Stored> {
  private waiting: Waiting<Item, Stored>[] = [];
  private running = 0;
  private starting = false;
  private begunAtMs = 0;
  private patience: NodeJS.Timeout | null = null;

  constructor(
    private readonly limits: BatchLimits,
    /** One transaction for all items; the answers are in their order. */
    private readonly storeAll: (items: readonly Item[]) => Promise<readonly Stored[]>,
  ) {}

  store(item: Item): Promise<Stored> {
    return new Promise((resolve, reject) => {
      this.waiting.push({ item, resolve, reject });
      if (this.starting) return;
      this.starting = true;
      // After the other requests that this turn of the event loop has read.
      setImmediate(() => {
        this.starting = false;
        this.start();
      });
    });
  }

  private start(): void {
    while (this.running < this.limits.atOnce && this.waiting.length > 0) {
      const restMs = this.running > 0 ? this.begunAtMs + this.limits.patienceMs - performance.now() : 0;
      if (restMs > 0) return this.startAfter(restMs);
      this.running += 1;
      this.begunAtMs = performance.now();
      void this.run(this.waiting.splice(0, this.limits.largest));
    }
  }

  private startAfter(restMs: number): void {
    this.patience ??= setTimeout(() => {
      this.patience = null;
      this.start();
    }, restMs);
  }

  private async run(batch: Waiting<Item, Stored>[]): Promise<void> {
    await this.attempt(batch);
    this.running -= 1;
    this.start();
  }

  /** Never rejects. */
  private async attempt(batch: Waiting<Item, Stored>[]): Promise<void> {
    try {
      const stored = await this.storeAll(batch.map(({ item }) => item));
      batch.forEach(({ resolve, reject }, index) => {
        const mine = stored[index];
        if (mine === undefined) reject(new Error('a batch was answered with too few rows'));
        else resolve(mine);
      });
    } catch (error) {
      if (batch.length > 1 && tookNothing(error)) {
        for (const one of batch) await this.attempt([one]);
      } else {
        for (const { reject } of batch) reject(error);
      }
    }
  }
}
