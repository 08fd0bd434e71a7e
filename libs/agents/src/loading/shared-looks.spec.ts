import { describe, expect, it } from '@jest/globals';
import { SharedLooks } from './shared-looks.js';

describe('SharedLooks', () => {
  it('gives everybody an answer that was begun after their question, in two looks', async () => {
    let now = 1;
    let goOn: (() => void) | null = null;
    const looks = new SharedLooks<number>(0);
    const look = async (): Promise<number> => {
      const seen = now;
      await new Promise<void>((resolve) => (goOn = resolve));
      return seen;
    };
    const first = looks.ask(look);
    now = 2;
    const others = [looks.ask(look), looks.ask(look), looks.ask(look)];
    const finish = async (): Promise<void> => {
      while (!goOn) await new Promise((resolve) => setImmediate(resolve));
      goOn();
      goOn = null;
    };
    await finish();
    expect(await first).toBe(1);
    await finish();
    expect(await Promise.all(others)).toEqual([2, 2, 2]);
  });

  it('looks again after a failure', async () => {
    const looks = new SharedLooks<number>(0);
    const failing = looks.ask(() => Promise.reject(new Error('away')));
    const next = looks.ask(() => Promise.resolve(2));
    await expect(failing).rejects.toThrow('away');
    expect(await next).toBe(2);
  });
});
