import { setTimeout as delay } from 'node:timers/promises';

/**
 * For a look at something that changes: those who ask while one is under way, or within a moment after it, share the
 * next, which begins at the end of that moment. So nobody gets an answer that was begun before the question, and a crowd
 * costs few looks.
 */
export class SharedLooks<T> {
  /** Ends a moment after the last look; null: nobody looked lately. */
  private resting: Promise<void> | null = null;
  private next: Promise<T> | null = null;

  constructor(private readonly restMs: number) {}

  ask(look: () => Promise<T>): Promise<T> {
    if (!this.resting) return this.begin(look);
    this.next ??= this.resting.then(() => {
      this.next = null;
      return this.begin(look);
    });
    return this.next;
  }

  private begin(look: () => Promise<T>): Promise<T> {
    const run = look();
    const rest = (): Promise<void> => delay(this.restMs);
    const resting: Promise<void> = run.then(rest, rest).then(() => {
      if (this.resting === resting) this.resting = null;
    });
    this.resting = resting;
    return run;
  }
}
