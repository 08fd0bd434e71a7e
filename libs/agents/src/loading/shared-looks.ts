import { setTimeout as delay } from 'node:timers/promises';

/**
 * For a look at something that changes: those who ask while one is under way share the next, which begins a moment after
 * it so that more can join. So nobody gets an answer that was begun before the question, and a crowd costs few looks.
 */
export class SharedLooks<T> {
  private running: Promise<T> | null = null;
  private next: Promise<T> | null = null;

  constructor(private readonly restMs: number) {}

  ask(look: () => Promise<T>): Promise<T> {
    if (!this.running) return this.begin(look);
    this.next ??= this.running
      .then(
        () => undefined,
        () => undefined,
      )
      .then(() => delay(this.restMs))
      .then(() => {
        this.next = null;
        return this.begin(look);
      });
    return this.next;
  }

  private begin(look: () => Promise<T>): Promise<T> {
    const run = look();
    this.running = run;
    const over = (): void => {
      if (this.running === run) this.running = null;
    };
    run.then(over, over);
    return run;
  }
}
