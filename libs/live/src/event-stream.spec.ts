import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { eventsOf } from '../../../test/integration/live/events-fixture.js';
import { EventStream } from './event-stream.js';

/** A response whose text is caught before it goes anywhere. */
function setUp() {
  const written: string[] = [];
  const response = new ServerResponse(new IncomingMessage(new Socket()));
  response.write = (text: unknown) => written.push(String(text)) > 0;
  return { written, response, stream: new EventStream(response) };
}

describe('EventStream', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('says something every fifteen seconds, and nothing after its end', () => {
    const { written, stream } = setUp();
    written.length = 0;
    jest.advanceTimersByTime(45_000);
    expect(written).toEqual([': ping\n\n', ': ping\n\n', ': ping\n\n']);
    stream.end();
    jest.advanceTimersByTime(60_000);
    expect(written).toHaveLength(3);
  });

  it('shows an event with its seq, its type, and itself on one line', () => {
    const { written, stream } = setUp();
    const [event] = eventsOf(1);
    if (!event) throw new Error('unreachable');
    stream.send([event]);
    expect(written.at(-1)).toBe(`id: 1\nevent: task.output\ndata: ${JSON.stringify(event)}\n\n`);
    stream.end();
  });
});
