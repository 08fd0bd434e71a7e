import { describe, expect, it } from '@jest/globals';
import type { TaskStatus, TaskStatusMessage } from '@app/contracts';
import { turn, upTo } from '../../../test/integration/live/events-fixture.js';
import { StatusFeed } from './status-feed.js';

function change(task_id: string, status: TaskStatus = 'RUNNING'): TaskStatusMessage {
  return { task_id, session_id: null, status, status_reason: null, head: 1, at: '' };
}

function setUp() {
  const sent: string[] = [];
  const reader = { full: null as Promise<void> | null };
  const feed = new StatusFeed(
    () => reader.full,
    ({ task_id, status }) => sent.push(`${task_id} ${status}`),
  );
  const fill = (): (() => void) => {
    let makeRoom = (): void => undefined;
    reader.full = new Promise((resolve) => {
      makeRoom = () => {
        reader.full = null;
        resolve();
      };
    });
    return makeRoom;
  };
  return { sent, feed, fill };
}

describe('StatusFeed', () => {
  it('passes every change on at once while there is room', () => {
    const { sent, feed } = setUp();
    feed.hear(change('a', 'RUNNING'));
    feed.hear(change('a', 'COMPLETED'));
    expect(sent).toEqual(['a RUNNING', 'a COMPLETED']);
  });

  it('gives a slow reader the latest of each task, in the order of the latest changes', async () => {
    const { sent, feed, fill } = setUp();
    const makeRoom = fill();
    feed.hear(change('a', 'QUEUED'));
    feed.hear(change('b', 'RUNNING'));
    feed.hear(change('a', 'COMPLETED'));
    await turn();
    expect(sent).toEqual([]);
    makeRoom();
    await turn();
    expect(sent).toEqual(['b RUNNING', 'a COMPLETED']);
    feed.hear(change('c'));
    expect(sent).toHaveLength(3);
  });

  it('keeps a bounded number for a reader that stays away', async () => {
    const { sent, feed, fill } = setUp();
    const makeRoom = fill();
    for (const n of upTo(10_000)) feed.hear(change(`task ${n}`));
    makeRoom();
    await turn();
    expect(sent).toHaveLength(2000);
    expect(sent.at(-1)).toBe('task 10000 RUNNING');
  });
});
