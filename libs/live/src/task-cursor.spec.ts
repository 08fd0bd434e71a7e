import { describe, expect, it } from '@jest/globals';
import type { TaskEvent } from '@app/contracts';
import { TaskCursor } from './task-cursor.js';

const event = (seq: number): TaskEvent => ({
  task_id: 't',
  session_id: 's',
  seq,
  type: 'task.note',
  at: '',
  data: { kind: String(seq) },
});

/** Small, seeded, good enough to shuffle tests. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return Math.floor((state / 2147483648) * below);
  };
}

describe('TaskCursor', () => {
  it.each(Array.from({ length: 200 }, (_, seed) => seed))(
    'sends every event once and in order, whatever the bus does (seed %i)',
    async (seed) => {
      const random = randomOf(seed + 1);
      const stored: TaskEvent[] = [];
      const sent: number[] = [];
      const blocked: { release?: () => void } = {};
      const cursor = new TaskCursor(
        't',
        0,
        {
          send: (events) => sent.push(...events.map(({ seq }) => seq)),
          room: () => (random(4) === 0 ? new Promise((resolve) => (blocked.release = resolve)) : null),
        },
        async (_taskId, after, limit) => {
          const page = stored.slice(after, after + Math.min(limit, 1 + random(5)));
          await Promise.resolve();
          return page;
        },
        (error) => {
          throw error;
        },
      );
      const messages: { head: number; events?: TaskEvent[] }[] = [];
      cursor.start();
      for (let round = 0; round < 40; round += 1) {
        const from = stored.length;
        for (let more = 1 + random(4); more > 0; more -= 1) stored.push(event(stored.length + 1));
        const events = stored.slice(from);
        messages.push(random(4) === 0 ? { head: stored.length } : { head: stored.length, events });
        // Lost, late, repeated and reordered, as the dice will have it.
        for (let turns = random(3); turns > 0; turns -= 1) {
          const message = messages[random(messages.length)];
          if (message) cursor.hear({ task_id: 't', session_id: 's', ...message });
        }
        if (random(2)) await Promise.resolve();
        if (random(3) === 0) blocked.release?.();
      }
      // The tick that repairs a lost tail.
      for (let tries = 0; tries < 5000 && cursor.position < stored.length; tries += 1) {
        cursor.notice(stored.length);
        blocked.release?.();
        await Promise.resolve();
      }
      expect(sent).toEqual(stored.map(({ seq }) => seq));
    },
  );
});
