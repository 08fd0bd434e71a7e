import { describe, expect, it } from '@jest/globals';
import { WriteBatches } from './write-batches.js';

const DUPLICATE = Object.assign(new Error('duplicate'), { code: '23505' });

function batches(store: (items: readonly number[]) => Promise<number[]>, atOnce = 1, patienceMs = 0) {
  const seen: number[][] = [];
  const made = new WriteBatches<number, number>({ largest: 3, atOnce, patienceMs }, (items) => {
    seen.push([...items]);
    return store(items);
  });
  return { seen, batches: made };
}

const answers = (results: PromiseSettledResult<number>[]) =>
  results.map((result) => (result.status === 'fulfilled' ? result.value : String(result.reason)));

describe('WriteBatches', () => {
  it('stores together what comes at the same time, in its order and not more than the largest batch', async () => {
    const { seen, batches: made } = batches((items) => Promise.resolve(items.map((item) => item * 10)));
    expect(await Promise.all([1, 2, 3, 4].map((item) => made.store(item)))).toEqual([10, 20, 30, 40]);
    expect(seen).toEqual([[1, 2, 3], [4]]);
  });

  it('lets what comes while a batch is stored go with the next', async () => {
    let finish = (): void => undefined;
    const first = new Promise<void>((resolve) => (finish = resolve));
    const { seen, batches: made } = batches(async (items) => {
      if (items.includes(1)) await first;
      return [...items];
    });
    const one = made.store(1);
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const others = [made.store(2), made.store(3)];
    finish();
    expect(await Promise.all([one, ...others])).toEqual([1, 2, 3]);
    expect(seen).toEqual([[1], [2, 3]]);
  });

  it('lets nobody wait longer for a batch that is held up than its patience', async () => {
    let finish = (): void => undefined;
    const first = new Promise<void>((resolve) => (finish = resolve));
    const store = async (items: readonly number[]): Promise<number[]> => {
      if (items.includes(1)) await first;
      return [...items];
    };
    const { seen, batches: made } = batches(store, 2, 30);
    const begin = performance.now();
    const heldUp = made.store(1);
    while (seen.length === 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await Promise.all([made.store(2), made.store(3)])).toEqual([2, 3]);
    // A timer may come a millisecond early.
    expect(performance.now() - begin).toBeGreaterThanOrEqual(29);
    expect(seen).toEqual([[1], [2, 3]]);
    finish();
    expect(await heldUp).toBe(1);
  });

  it('fails only the one whose key exists', async () => {
    const { seen, batches: made } = batches((items) =>
      items.includes(2) ? Promise.reject(DUPLICATE) : Promise.resolve([...items]),
    );
    const results = await Promise.allSettled([1, 2, 3].map((item) => made.store(item)));
    expect(answers(results)).toEqual([1, 'Error: duplicate', 3]);
    expect(seen).toEqual([[1, 2, 3], [1], [2], [3]]);
  });

  it('fails all of a batch, at once, when the database is away', async () => {
    const away = Object.assign(new Error('away'), { code: 'ECONNREFUSED' });
    const { seen, batches: made } = batches(() => Promise.reject(away));
    const results = await Promise.allSettled([1, 2].map((item) => made.store(item)));
    expect(answers(results)).toEqual(['Error: away', 'Error: away']);
    expect(seen).toHaveLength(1);
  });

  it.each(['08P01', '58030', 'XX000', 'SQLITE_IOERR', 'a code that nobody thought of'])(
    'stores nothing again after %s, for the COMMIT may have arrived',
    async (code) => {
      const unknown = Object.assign(new Error('unknown'), { code });
      const stored: number[] = [];
      const { batches: made } = batches((items) => {
        stored.push(...items);
        return Promise.reject(unknown);
      });
      const results = await Promise.allSettled([1, 2].map((item) => made.store(item)));
      expect(answers(results)).toEqual(['Error: unknown', 'Error: unknown']);
      expect(stored).toEqual([1, 2]);
    },
  );

  it('fails only the one that we ourselves cannot store', async () => {
    const { batches: made } = batches((items) =>
      items.includes(2) ? Promise.reject(new TypeError('a bug')) : Promise.resolve([...items]),
    );
    const results = await Promise.allSettled([1, 2].map((item) => made.store(item)));
    expect(answers(results)).toEqual([1, 'TypeError: a bug']);
  });
});
