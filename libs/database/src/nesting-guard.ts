import { AsyncLocalStorage } from 'node:async_hooks';

/**
 * Finds a write inside a write, which would wait for itself for ever. For tests: while it looks, Node 20 does work for
 * every promise of the process, a tenth of a busy server's time.
 */
export class NestingGuard {
  private readonly inside = new AsyncLocalStorage<{ open: boolean }>();

  get isInside(): boolean {
    return this.inside.getStore()?.open ?? false;
  }

  /** Call it where the write is asked for; what it gives may be called anywhere. */
  watch<Given extends unknown[]>(
    work: (...given: Given) => Promise<void>,
  ): (...given: Given) => Promise<void> {
    const inContextOfCaller = AsyncLocalStorage.snapshot();
    return (...given) =>
      inContextOfCaller(() => {
        const place = { open: true };
        return this.inside.run(place, async () => {
          try {
            await work(...given);
          } finally {
            place.open = false;
          }
        });
      });
  }
}
