import { describe, expect, it } from '@jest/globals';
import type { TaskEvent } from '@app/contracts';
import { diceOf, eventsOf, seqsOf, turn, upTo } from '../../../test/integration/live/events-fixture.js';
import { Gate } from './gate.js';
import { TaskCursor, type EventSink } from './task-cursor.js';
import { TaskFeed } from './task-feed.js';

interface Watcher {
  sent: number[];
  ended: boolean;
  drain: () => void;
}

/** A task with its log, and watchers that have room as the dice will have it. */
class Scene {
  readonly stored: TaskEvent[] = [];
  readonly watchers: Watcher[] = [];
  reads = 0;
  readonly feed: TaskFeed;

  constructor(private readonly dice: (below: number) => number = () => 1) {
    this.feed = new TaskFeed('task', {
      read: async (_task, after, limit) => {
        this.reads += 1;
        const page = this.stored.slice(after, after + limit);
        for (let waits = this.dice(4); waits > 0; waits -= 1) await Promise.resolve();
        return page;
      },
    });
  }

  watch(afterSeq = 0, isSlow: () => boolean = () => false): Watcher {
    const watcher: Watcher = { sent: [], ended: false, drain: () => undefined };
    let drained: Promise<void> | null = null;
    const sink: EventSink = {
      turns: new Gate(1 + this.dice(2)),
      send: (events) => watcher.sent.push(...seqsOf(events)),
      room: () => {
        if (!drained && isSlow()) {
          drained = new Promise((resolve) => {
            watcher.drain = () => {
              drained = null;
              resolve();
            };
          });
        }
        return drained;
      },
    };
    const cursor = new TaskCursor(afterSeq, sink, this.feed, {
      failed: (error) => {
        throw error;
      },
      ended: () => (watcher.ended = true),
    });
    this.feed.watches.add({ cursor, onHead: () => undefined });
    this.watchers.push(watcher);
    cursor.start();
    return watcher;
  }

  /** Stores so many events and says so on the bus. */
  append(count: number): void {
    const from = this.stored.length + 1;
    const events = eventsOf(this.stored.length + count, from);
    this.stored.push(...events);
    this.feed.hear({ task_id: 'task', session_id: 'session', head: this.stored.length, events });
  }
}

describe('TaskFeed', () => {
  it.each(upTo(300))(
    'gives every watcher 1..n exactly once, whatever the bus does (seed %i)',
    async (seed) => {
      const dice = diceOf(seed);
      const scene = new Scene(dice);
      const isSlow = (): boolean => dice(5) === 0;
      const starts: number[] = [];
      const said: { head: number; events?: TaskEvent[] }[] = [];
      for (let round = 0; round < 60; round += 1) {
        const from = scene.stored.length;
        scene.stored.push(...eventsOf(from + 1 + dice(30), from + 1));
        const head = scene.stored.length;
        said.push(dice(4) === 0 ? { head } : { head, events: scene.stored.slice(from) });
        if (dice(8) === 0) {
          // Somebody comes (back) with what they have seen already.
          const after = dice(head + 1);
          starts.push(after);
          scene.watch(after, isSlow);
        }
        // Lost, late, repeated and out of order.
        for (let messages = dice(3); messages > 0; messages -= 1) {
          const message = said[Math.max(0, said.length - 1 - dice(6))];
          if (message) scene.feed.hear({ task_id: 'task', session_id: 'session', ...message });
        }
        if (dice(2)) await Promise.resolve();
        if (dice(3) === 0) for (const { drain } of scene.watchers) drain();
      }
      // The check that comes every five seconds, after the task's end.
      for (let tries = 0; tries < 2000 && scene.watchers.some(({ ended }) => !ended); tries += 1) {
        scene.feed.check({ status: 'COMPLETED', last_seq: scene.stored.length });
        for (const { drain } of scene.watchers) drain();
        await turn();
      }
      scene.watchers.forEach(({ sent, ended }, index) => {
        expect(sent).toEqual(upTo(scene.stored.length).slice(starts[index]));
        expect(ended).toBe(true);
      });
    },
  );

  it('reads the log for fifty watchers hardly more often than for one', async () => {
    const scene = new Scene();
    scene.stored.push(...eventsOf(2000));
    for (let count = 0; count < 50; count += 1) scene.watch();
    await turn();
    await turn();
    expect(scene.watchers.every(({ sent }) => sent.length === 2000)).toBe(true);
    expect(scene.reads).toBeLessThanOrEqual(2 + 2000 / 200);
    const before = scene.reads;
    for (let count = 0; count < 200; count += 1) scene.append(3);
    await turn();
    for (const { sent } of scene.watchers) expect(sent).toEqual(upTo(2600));
    expect(scene.reads).toBe(before);
  });

  it('serves a watcher that pauses for a moment from memory, and one that stays away from the log', async () => {
    const scene = new Scene();
    let slow = false;
    const watcher = scene.watch(0, () => slow);
    await turn();
    const before = scene.reads;
    slow = true;
    scene.append(100);
    slow = false;
    watcher.drain();
    await turn();
    expect(watcher.sent).toEqual(upTo(100));
    expect(scene.reads).toBe(before);
    slow = true;
    for (let count = 0; count < 50; count += 1) scene.append(100);
    slow = false;
    watcher.drain();
    await turn();
    expect(watcher.sent).toEqual(upTo(5100));
    expect(scene.reads).toBeGreaterThan(before);
  });

  it('does not give a newcomer what was read before the last news', async () => {
    const stored: TaskEvent[] = [];
    const answers: (() => void)[] = [];
    const feed = new TaskFeed('task', {
      read: async (_task, after) => {
        const page = stored.slice(after);
        await new Promise<void>((answer) => answers.push(answer));
        return page;
      },
    });
    const early = feed.after(0);
    await turn();
    stored.push(...eventsOf(1));
    feed.hear({ task_id: 'task', session_id: null, head: 1 });
    const late = feed.after(0);
    await turn();
    for (const answer of answers) answer();
    expect((await early).events).toEqual([]);
    expect((await late).events).toEqual(eventsOf(1));
  });

  it('makes pages of large events short', async () => {
    const limits: number[] = [];
    const stored: TaskEvent[] = upTo(300).map((seq) => ({
      task_id: 'task',
      session_id: null,
      seq,
      type: 'task.note',
      at: '',
      data: { kind: 'large', text: 'x'.repeat(30_000) },
    }));
    const feed = new TaskFeed('task', {
      read: async (_task, after, limit) => {
        limits.push(limit);
        return stored.slice(after, after + limit);
      },
    });
    for (let after = 0; after < 300;) after += (await feed.after(after)).events.length;
    expect(Math.max(...limits.slice(1))).toBeLessThanOrEqual(4);
  });
});
