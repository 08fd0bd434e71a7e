import { describe, expect, it } from '@jest/globals';
import { EventQueue } from './event-queue.js';

const settled = (promise: Promise<void>): Promise<boolean> =>
  Promise.race([promise.then(() => true), Promise.resolve().then(() => Promise.resolve(false))]);

describe('the queue between a run and its reader', () => {
  it('hands on everything in order and ends when it is closed', async () => {
    const queue = new EventQueue<number>(10);
    queue.push(1);
    queue.push(2);
    const read: number[] = [];
    const reading = (async () => {
      for await (const item of queue) read.push(item);
    })();
    queue.push(3);
    queue.close();
    queue.push(4);
    await reading;
    expect(read).toEqual([1, 2, 3]);
  });

  it('makes the writer wait at its limit until the reader has read', async () => {
    const queue = new EventQueue<number>(2);
    queue.push(1);
    expect(queue.hasRoom).toBe(true);
    queue.push(2);
    const room = queue.room();
    expect(await settled(room)).toBe(false);
    await queue[Symbol.asyncIterator]().next();
    await room;
    expect(queue.hasRoom).toBe(true);
  });

  it('does not hold up a run whose reader has left, or that is being stopped', async () => {
    const left = new EventQueue<number>(1);
    left.push(1);
    for await (const item of left) if (item === 1) break;
    left.push(2);
    await left.room();
    const stopped = new EventQueue<number>(1);
    stopped.push(1);
    const room = stopped.room();
    stopped.liftLimit();
    await room;
  });
});
