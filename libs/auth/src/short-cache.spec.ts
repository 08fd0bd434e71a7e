import { describe, expect, it, jest } from '@jest/globals';
import { ShortCache } from './short-cache.js';

function cacheAt(clock: { ms: number }): ShortCache<string> {
  return new ShortCache({ monotonicMs: () => clock.ms });
}

describe('ShortCache', () => {
  it('asks once for questions within a second, and again before the second is over', async () => {
    const clock = { ms: 0 };
    const cache = cacheAt(clock);
    const ask = jest.fn(() => Promise.resolve('row'));
    await Promise.all([cache.get('a', ask), cache.get('a', ask)]);
    clock.ms = 899;
    await cache.get('a', ask);
    expect(ask).toHaveBeenCalledTimes(1);
    clock.ms = 900;
    await cache.get('a', ask);
    expect(ask).toHaveBeenCalledTimes(2);
  });

  it('counts from the question, not from a late answer', async () => {
    const clock = { ms: 0 };
    const cache = cacheAt(clock);
    let answer = (_value: string): void => undefined;
    const slow = cache.get('a', () => new Promise((resolve) => (answer = resolve)));
    clock.ms = 1000;
    answer('old');
    await slow;
    expect(await cache.get('a', () => Promise.resolve('new'))).toBe('new');
  });

  it('remembers neither absence nor failure', async () => {
    const cache = cacheAt({ ms: 0 });
    expect(await cache.get('a', () => Promise.resolve(null))).toBeNull();
    await expect(cache.get('a', () => Promise.reject(new Error('away')))).rejects.toThrow('away');
    expect(await cache.get('a', () => Promise.resolve('made meanwhile'))).toBe('made meanwhile');
  });
});
