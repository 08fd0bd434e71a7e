import type { Clock } from './clock.js';

/**
 * Remembers answers of the database for less than a second, counted from the moment of the question: a key that
 * was revoked on another machine is refused here within a second, and a busy client costs one query per second.
 * Questions asked at the same time share one query. Failures and `null` are not remembered.
 */
const LIFETIME_MS = 900;
const MOST_ENTRIES = 2_000;

export class ShortCache<V> {
  private readonly entries = new Map<string, { askedAtMs: number; answer: Promise<V | null> }>();

  constructor(private readonly clock: Pick<Clock, 'monotonicMs'>) {}

  get(name: string, ask: () => Promise<V | null>): Promise<V | null> {
    const nowMs = this.clock.monotonicMs();
    const known = this.entries.get(name);
    if (known && nowMs - known.askedAtMs < LIFETIME_MS) return known.answer;
    this.entries.delete(name);
    const [oldest] = this.entries.keys();
    if (oldest !== undefined && this.entries.size >= MOST_ENTRIES) this.entries.delete(oldest);
    const entry = { askedAtMs: nowMs, answer: ask() };
    this.entries.set(name, entry);
    const forget = (): void => {
      if (this.entries.get(name) === entry) this.entries.delete(name);
    };
    entry.answer.then((value) => value === null && forget(), forget);
    return entry.answer;
  }

  clear(): void {
    this.entries.clear();
  }
}
