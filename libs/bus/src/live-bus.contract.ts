import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TaskEvent } from '@app/contracts';
import { waitFor } from '../../../test/support/wait-for.js';
import type { BusMessages, LiveBus } from './live-bus.js';

export interface BusPair {
  /** Two processes, or what stands for them. */
  here: LiveBus;
  there: LiveBus;
  close(): Promise<void>;
}

/** What every LiveBus promises. Each test has tasks of its own: a bus has no beginning to go back to. */
export function itIsALiveBus(open: () => Promise<BusPair>): void {
  let pair: BusPair;
  let counter = 0;
  const anyTask = (): string => `task-${(counter += 1)}`;

  beforeAll(async () => {
    pair = await open();
    // A pub/sub subscription begins at some moment: wait until both hear the other.
    await Promise.all([heard(pair.here, pair.there), heard(pair.there, pair.here)]);
  });

  afterAll(() => pair.close());

  describe('keeps the promises of the port:', () => {
    it('listeners of the same process have heard the message when publish returns', () => {
      const task = anyTask();
      const heads = listen(pair.here, task);
      pair.here.publish('task.events', news(task, 1));
      expect(heads).toEqual([1]);
    });

    it('other processes hear the message as it was sent', async () => {
      const task = anyTask();
      const received: BusMessages['task.events'][] = [];
      pair.there.subscribe('task.events', (message) => {
        if (message.task_id === task) received.push(message);
      });
      pair.here.publish('task.events', news(task, 2));
      await waitFor(() => received.length > 0);
      expect(received).toEqual([news(task, 2)]);
    });

    it('messages of one publisher arrive in order, each once, here and there', async () => {
      const task = anyTask();
      const here = listen(pair.here, task);
      const there = listen(pair.there, task);
      const sent = Array.from({ length: 300 }, (_, index) => index + 1);
      for (const head of sent) pair.here.publish('task.events', news(task, head));
      await waitFor(() => there.includes(300));
      expect(there).toEqual(sent);
      expect(here).toEqual(sent);
    });

    it('topics are kept apart', async () => {
      const task = anyTask();
      const cancelled: string[] = [];
      pair.there.subscribe('task.cancel_requested', ({ task_id }) => cancelled.push(task_id));
      pair.here.publish('task.events', news(task, 1));
      pair.here.publish('task.cancel_requested', { task_id: task });
      await waitFor(() => cancelled.includes(task));
      expect(cancelled).toEqual([task]);
    });

    it('a subscription that was ended hears nothing more, and others go on', () => {
      const task = anyTask();
      const lasting = listen(pair.here, task);
      const ended: number[] = [];
      const end = pair.here.subscribe('task.events', ({ head }) => {
        ended.push(head);
        end();
      });
      pair.here.publish('task.events', news(task, 1));
      pair.here.publish('task.events', news(task, 2));
      expect(ended).toEqual([1]);
      expect(lasting).toEqual([1, 2]);
    });

    it('a listener that throws harms neither the publisher nor other listeners', async () => {
      const task = anyTask();
      const ends = [pair.here, pair.there].map((bus) =>
        bus.subscribe('task.events', ({ task_id }) => {
          if (task_id === task) throw new Error('a listener that fails, as this test wants');
        }),
      );
      const here = listen(pair.here, task);
      const there = listen(pair.there, task);
      expect(() => pair.here.publish('task.events', news(task, 1))).not.toThrow();
      await waitFor(() => there.length > 0);
      expect(here).toEqual([1]);
      for (const end of ends) end();
    });
  });
}

export function news(task: string, head: number, text = 'a'): BusMessages['task.events'] {
  const event: TaskEvent = {
    task_id: task,
    session_id: null,
    seq: head,
    type: 'task.note',
    at: '2026-01-01T00:00:00.000Z',
    data: { kind: 'test', text },
  };
  return { task_id: task, session_id: null, head, events: [event] };
}

/** The heads that arrive for a task, in order. */
export function listen(bus: LiveBus, task: string): number[] {
  const heads: number[] = [];
  bus.subscribe('task.events', ({ task_id, head }) => {
    if (task_id === task) heads.push(head);
  });
  return heads;
}

/** Resolves once `to` hears what `from` says. */
export async function heard(from: LiveBus, to: LiveBus): Promise<void> {
  const hello = `hello ${randomUUID()}`;
  const heads = listen(to, hello);
  await waitFor(
    () => {
      from.publish('task.events', news(hello, 1));
      return heads.length > 0;
    },
    { what: 'one process to hear the other' },
  );
}
