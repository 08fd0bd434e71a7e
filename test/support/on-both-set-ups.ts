import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { SET_UPS, type SetUp } from './set-ups.js';

interface Cases<Bench> {
  open(setUp: SetUp): Promise<Bench>;
  close(bench: Bench): Promise<void>;
  /** After each case. */
  tidy?(bench: Bench): Promise<void>;
  /** By their titles; each is a test of its own. */
  cases: Record<string, (bench: Bench) => Promise<void>>;
}

/**
 * For cases that mostly wait: on one set-up they run one after the other, as they stand, and on both set-ups at the same
 * time. All of them run, also when `-t` asks for the end of one. Not in the index: programs of tests cannot load Jest.
 */
export function onBothSetUps<Bench>(what: string, { open, close, tidy, cases }: Cases<Bench>): void {
  const benches: Bench[] = [];
  const ends = new Map<string, Promise<void>>();
  const endOf = (setUp: SetUp, title: string): string => `${title}, on ${setUp.name}`;

  beforeAll(async () => {
    const opening = SET_UPS.map(async (setUp) => {
      const bench = await open(setUp);
      benches.push(bench);
      let last: Promise<void> = Promise.resolve();
      for (const [title, run] of Object.entries(cases)) {
        const end = last.then(() => run(bench).finally(() => tidy?.(bench)));
        ends.set(endOf(setUp, title), end);
        // Told by the test of that name; the next case runs all the same.
        last = end.catch(() => undefined);
      }
    });
    const failed = (await Promise.allSettled(opening)).find((one) => one.status === 'rejected');
    if (failed) throw failed.reason;
  });
  afterAll(async () => {
    await Promise.allSettled(ends.values());
    await Promise.all(benches.map((bench) => close(bench)));
  });

  describe.each(SET_UPS)(`${what}, on $name`, (setUp) => {
    it.each(Object.keys(cases))('%s', async (title) => {
      const end = ends.get(endOf(setUp, title));
      if (!end) throw new Error('the case was not begun');
      await end;
    });
  });
}
