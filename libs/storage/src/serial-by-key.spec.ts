import { setImmediate as tick } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { SerialByKey } from './serial-by-key.js';

describe('SerialByKey', () => {
  it('runs work on one key one at a time, in the order of the calls', async () => {
    const serial = new SerialByKey();
    const seen: string[] = [];
    const work = (name: string) => async () => {
      seen.push(`${name} begins`);
      await tick();
      seen.push(`${name} ends`);
    };
    await Promise.all([serial.run('a', work('first')), serial.run('a', work('second'))]);
    expect(seen).toEqual(['first begins', 'first ends', 'second begins', 'second ends']);
  });

  it('lets different keys go at the same time', async () => {
    const serial = new SerialByKey();
    let release: () => void = () => undefined;
    const held = serial.run('a', () => new Promise<void>((resolve) => (release = resolve)));
    await expect(serial.run('b', () => Promise.resolve('done'))).resolves.toBe('done');
    release();
    await held;
  });

  it('goes on after work that failed', async () => {
    const serial = new SerialByKey();
    const failed = serial.run('a', () => Promise.reject(new Error('no')));
    await expect(failed).rejects.toThrow('no');
    await expect(serial.run('a', () => Promise.resolve(1))).resolves.toBe(1);
  });
});
