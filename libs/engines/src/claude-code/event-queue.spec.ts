import { describe, expect, it } from '@jest/globals';
import { charsOf } from './chars-of.js';
import { EventQueue } from './event-queue.js';

const settled = (promise: Promise<void>): Promise<boolean> =>
  Promise.race([promise.then(() => true), Promise.resolve().then(() => Promise.resolve(false))]);

const queueOf = (events: number) => new EventQueue<number>({ events, chars: Infinity }, () => 1);

describe('the queue between a run and its reader', () => {
  it('hands on everything in order and ends when it is closed', async () => {
    const queue = queueOf(10);
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
    const queue = queueOf(2);
    queue.push(1);
    expect(queue.hasRoom).toBe(true);
    queue.push(2);
    const room = queue.room();
    expect(await settled(room)).toBe(false);
    await queue[Symbol.asyncIterator]().next();
    await room;
    expect(queue.hasRoom).toBe(true);
  });

  it('makes the writer wait for a few large events, and lets go of each when it is read', async () => {
    const queue = new EventQueue<{ text: string }>({ events: 1000, chars: 100 }, charsOf);
    const reader = queue[Symbol.asyncIterator]();
    for (const letter of ['a', 'b']) queue.push({ text: letter.repeat(60) });
    const room = queue.room();
    expect(queue.hasRoom).toBe(false);
    expect((await reader.next()).value).toEqual({ text: 'a'.repeat(60) });
    await room;
    expect(queue.hasRoom).toBe(true);
  });

  it('does not hold up a run whose reader has left, or that is being stopped', async () => {
    const left = queueOf(1);
    left.push(1);
    for await (const item of left) if (item === 1) break;
    left.push(2);
    await left.room();
    const stopped = queueOf(1);
    stopped.push(1);
    const room = stopped.room();
    stopped.liftLimit();
    await room;
  });
});
