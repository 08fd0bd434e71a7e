import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Bell, TaskQueue } from './task-queue.js';

export interface QueueUnderTest {
  queue: TaskQueue;
  close(): Promise<void>;
}

/** What every `TaskQueue` promises. `until` waits, bounded, for a condition. */
export function describeTaskQueue(
  name: string,
  open: () => Promise<QueueUnderTest>,
  until: (condition: () => boolean | Promise<boolean>) => Promise<unknown>,
): void {
  describe(`TaskQueue: ${name}`, () => {
    let opened: QueueUnderTest;
    let queue: TaskQueue;
    const answered: string[] = [];
    const note = (bell: Bell): Promise<void> => {
      answered.push(`${bell.taskId}-${bell.generation}`);
      return Promise.resolve();
    };

    beforeEach(async () => {
      answered.length = 0;
      opened = await open();
      queue = opened.queue;
    });
    afterEach(() => opened.close());

    it('answers each bell once, in order', async () => {
      await queue.answer(1, note);
      await queue.ring([bell('a'), bell('b'), bell('c')]);
      await until(() => answered.length === 3);
      expect(answered).toEqual(['a-1', 'b-1', 'c-1']);
    });

    it('keeps what rang before anybody answered, and rings once for a bell that waits already', async () => {
      await queue.ring([bell('a')]);
      await queue.ring([bell('a'), bell('a', { generation: 2 })]);
      expect(await queue.depth()).toBe(2);
      await queue.answer(1, note);
      await until(() => answered.length === 2);
      expect(answered).toEqual(['a-1', 'a-2']);
    });

    it('answers the higher priority first', async () => {
      await queue.ring([bell('low', { priority: -5 }), bell('usual'), bell('high', { priority: 5 })]);
      await queue.answer(1, note);
      await until(() => answered.length === 3);
      expect(answered).toEqual(['high-1', 'usual-1', 'low-1']);
    });

    it('waits until the instant a bell names', async () => {
      await queue.answer(1, note);
      await queue.ring([bell('later', { notBefore: new Date(Date.now() + 700).toISOString() }), bell('now')]);
      await until(() => answered.length === 2);
      expect(answered).toEqual(['now-1', 'later-1']);
    });

    it('rings once and at once what was to ring later, when it is told that its time has come', async () => {
      const inAnHour = new Date(Date.now() + 3_600_000).toISOString();
      const later = bell('later', { notBefore: inAnHour });
      const unasked = bell('unasked', { notBefore: inAnHour });
      await queue.ring([bell('usual'), unasked, later]);
      await queue.hasten([bell('usual'), bell('unknown'), later]);
      await queue.hasten([later]);
      await queue.answer(1, note);
      await until(() => answered.length === 2);
      expect(answered.sort()).toEqual(['later-1', 'usual-1']);
      expect(await queue.missing([unasked, later])).toEqual([later]);
    });

    it('runs no more handlers at a time than asked', async () => {
      let running = 0;
      let most = 0;
      let done = 0;
      await queue.answer(2, async () => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setImmediate(resolve));
        running -= 1;
        done += 1;
      });
      await queue.ring(Array.from({ length: 10 }, (_, index) => bell(`t${index}`)));
      await until(() => done === 10);
      expect(most).toBeLessThanOrEqual(2);
    });

    it('forgets a bell once it is taken, while its slot is still busy', async () => {
      let end = (): void => undefined;
      await queue.answer(1, (asked, taken) => {
        answered.push(asked.taskId);
        if (asked.taskId === 'next') return Promise.resolve();
        taken();
        return new Promise((resolve) => (end = resolve));
      });
      await queue.ring([bell('long')]);
      await until(async () => (await queue.missing([bell('long')])).length === 1);
      await queue.ring([bell('next')]);
      expect(await queue.missing([bell('next')])).toEqual([]);
      expect(answered).toEqual(['long']);
      end();
      await until(() => answered.length === 2);
      await until(async () => (await queue.missing([bell('next')])).length === 1);
      expect(await queue.depth()).toBe(0);
    });

    it('says of a thousand bells which are missing', async () => {
      const bells = Array.from({ length: 1000 }, (_, index) => bell(`t${index}`));
      await queue.ring(bells.filter((_bell, index) => index % 10 !== 0));
      const missing = await queue.missing(bells);
      expect(missing).toEqual(bells.filter((_bell, index) => index % 10 === 0));
      expect(await queue.missing([])).toEqual([]);
    });

    it('says which bells are missing, and can ring an answered one again', async () => {
      await queue.ring([bell('a')]);
      expect(await queue.missing([bell('a'), bell('b')])).toEqual([bell('b')]);
      await queue.answer(1, note);
      await until(async () => (await queue.missing([bell('a')])).length === 1);
      await queue.ring([bell('a')]);
      await until(() => answered.length === 2);
    });

    it('goes on after a handler that failed', async () => {
      await queue.answer(1, (asked) => {
        if (asked.taskId === 'bad') return Promise.reject(new Error('on purpose'));
        return note(asked);
      });
      await queue.ring([bell('bad'), bell('good')]);
      await until(() => answered.includes('good-1'));
      await until(async () => (await queue.missing([bell('bad'), bell('good')])).length === 2);
    });

    it('takes no further bell once stopped', async () => {
      await queue.answer(1, note);
      await queue.ring([bell('a')]);
      await until(() => answered.length === 1);
      await queue.stop();
      await queue.ring([bell('b')]);
      expect(await queue.depth()).toBe(1);
      expect(answered).toEqual(['a-1']);
    });
  });
}

function bell(taskId: string, change: Partial<Bell> = {}): Bell {
  return { taskId, generation: 1, priority: 0, notBefore: null, ...change };
}
