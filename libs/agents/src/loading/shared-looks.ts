/**
 * For a look at something that changes: those who ask while one is under way share the next. So nobody gets an answer
 * that was begun before the question, and a crowd costs two looks.
 */
export class SharedLooks<T> {
  private running: Promise<T> | null = null;
  private next: Promise<T> | null = null;

  ask(look: () => Promise<T>): Promise<T> {
    if (!this.running) return this.begin(look);
    this.next ??= this.running
      .then(
        () => undefined,
        () => undefined,
      )
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
