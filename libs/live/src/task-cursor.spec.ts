import { describe, expect, it } from '@jest/globals';
import { eventsOf, seqsOf, turn, upTo } from '../../../test/integration/live/events-fixture.js';
import { Gate } from './gate.js';
import { TaskCursor } from './task-cursor.js';

/** A log that answers when the test lets it, and a reader that has room when the test says so. */
function setUp(after = 0) {
  const stored = eventsOf(0);
  const sent: number[] = [];
  const ends: number[] = [];
  const errors: unknown[] = [];
  const log = { reads: 0, failing: false, hold: null as Promise<void> | null };
  const reader = { full: null as Promise<void> | null, makeRoom: () => undefined as void };
  const cursor = new TaskCursor(
    after,
    {
      turns: new Gate(1),
      room: () => reader.full,
      send: (events) => sent.push(...seqsOf(events)),
    },
    {
      after: async (seq) => {
        log.reads += 1;
        const events = stored.slice(seq, seq + 10);
        await log.hold;
        if (log.failing) throw new Error('the log is away');
        return { events, isLast: events.length < 10 };
      },
    },
    { failed: (error) => errors.push(error), ended: () => ends.push(1) },
  );
  const fill = (): void => {
    reader.full = new Promise((resolve) => {
      reader.makeRoom = () => {
        reader.full = null;
        resolve();
      };
    });
  };
  return { stored, sent, ends, errors, log, reader, cursor, fill };
}

describe('TaskCursor', () => {
  it('reads what is stored, and sends on what it hears next without reading again', async () => {
    const { stored, sent, log, cursor } = setUp();
    stored.push(...eventsOf(25));
    cursor.start();
    await turn();
    expect(sent).toHaveLength(25);
    const reads = log.reads;
    for (let seq = 26; seq <= 100; seq += 1) cursor.hear({ head: seq, events: eventsOf(seq, seq) });
    expect(sent).toEqual(upTo(100));
    expect(log.reads).toBe(reads);
  });

  it('starts behind the given place', async () => {
    const { stored, sent, cursor } = setUp(7);
    stored.push(...eventsOf(9));
    cursor.start();
    await turn();
    expect(sent).toEqual([8, 9]);
  });

  it('reads from the log what a message skips, and trusts no message that has a hole itself', async () => {
    const { stored, sent, cursor } = setUp();
    cursor.start();
    await turn();
    stored.push(...eventsOf(9));
    const [one, two, , four] = stored;
    if (!one || !two || !four) throw new Error('unreachable');
    cursor.hear({ head: 4, events: [one, two, four] });
    expect(sent).toEqual([1, 2]);
    await turn();
    cursor.hear({ head: 9, events: eventsOf(9, 8) });
    await turn();
    expect(sent).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });

  it('sends what it heard of while it was reading', async () => {
    const { stored, sent, log, cursor } = setUp();
    let answer = (): void => undefined;
    log.hold = new Promise((resolve) => (answer = resolve));
    cursor.start();
    await turn();
    // The page being read was asked for before these were stored.
    stored.push(...eventsOf(3));
    cursor.hear({ head: 3 });
    answer();
    await turn();
    expect(sent).toEqual([1, 2, 3]);
  });

  it('keeps nothing for a reader without room, and goes on from the log when there is some', async () => {
    const { stored, sent, reader, cursor, fill } = setUp();
    cursor.start();
    await turn();
    fill();
    for (let seq = 1; seq <= 50; seq += 1) {
      stored.push(...eventsOf(seq, seq));
      cursor.hear({ head: seq, events: eventsOf(seq, seq) });
    }
    await turn();
    expect(sent).toEqual([]);
    reader.makeRoom();
    await turn();
    expect(sent).toEqual(upTo(50));
  });

  it('tells of a log that fails, and tries again when it is told of news', async () => {
    const { stored, sent, errors, log, cursor } = setUp();
    stored.push(...eventsOf(2));
    log.failing = true;
    cursor.start();
    await turn();
    expect(errors).toHaveLength(1);
    log.failing = false;
    cursor.notice(2);
    await turn();
    expect(sent).toEqual([1, 2]);
  });

  it('does not ask again and again for what was announced and is not there', async () => {
    const { log, cursor } = setUp();
    cursor.start();
    cursor.notice(5);
    await turn();
    expect(log.reads).toBeLessThanOrEqual(2);
  });

  it('ends once everything up to the end of its task is sent, and is silent then', async () => {
    const { stored, sent, ends, cursor } = setUp();
    stored.push(...eventsOf(15));
    cursor.finish(15);
    expect(ends).toEqual([]);
    await turn();
    expect(sent).toHaveLength(15);
    expect(ends).toEqual([1]);
    cursor.hear({ head: 16, events: eventsOf(16, 16) });
    await turn();
    expect(sent).toHaveLength(15);
  });

  it('ends at once, without reading, when the reader has everything already', () => {
    const { ends, log, cursor } = setUp(15);
    cursor.finish(15);
    expect(ends).toEqual([1]);
    expect(log.reads).toBe(0);
  });

  it('ends where the log lost what the task says it has', async () => {
    const { stored, sent, ends, cursor } = setUp();
    stored.push(...eventsOf(2));
    cursor.finish(9);
    await turn();
    expect(sent).toEqual([1, 2]);
    expect(ends).toEqual([1]);
  });
});
