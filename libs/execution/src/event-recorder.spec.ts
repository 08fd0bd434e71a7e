import { describe, expect, it } from '@jest/globals';
import type { NewTaskEvent } from '@app/contracts';
import type { RunNews } from '@app/tasks';
import { EventRecorder } from './event-recorder.js';

const delta = (text: string, message_id = 'm'): NewTaskEvent => ({
  type: 'task.output',
  data: { kind: 'text', text, message_id },
});

function recorder(answer: () => boolean = () => true) {
  const batches: RunNews[] = [];
  const made = new EventRecorder((news) => {
    batches.push(news);
    return Promise.resolve(answer());
  });
  return { batches, recorder: made };
}

const textOf = (batches: RunNews[]) =>
  batches
    .flatMap(({ events }) => events)
    .map((event) => (event.type === 'task.output' ? event.data.text : event.type));

describe('EventRecorder', () => {
  it('writes the first event at once', async () => {
    const { batches, recorder: made } = recorder();
    await made.add(delta('a'));
    expect(textOf(batches)).toEqual(['a']);
    made.close();
  });

  it('merges the pieces of one message that wait together, and keeps the order of all events', async () => {
    const { batches, recorder: made } = recorder();
    for (const event of [delta('a'), delta('b'), delta('c'), delta('d', 'other')]) await made.add(event);
    await made.add({ type: 'task.note', data: { kind: 'x' } });
    await made.add(delta('e'));
    expect(await made.flush()).toBe(true);
    expect(textOf(batches)).toEqual(['a', 'bc', 'd', 'task.note', 'e']);
  });

  it('hands what was noted over with the next events, once', async () => {
    const { batches, recorder: made } = recorder();
    const usage = { models: [], turns: 3 };
    await made.add(delta('a'));
    made.note({ usage });
    await made.add(delta('b', 'other'));
    await made.flush();
    await made.add(delta('c'));
    await made.flush();
    expect(batches.map((news) => news.usage)).toEqual([undefined, usage, undefined]);
  });

  it('drops everything and says so after a refused write', async () => {
    const { batches, recorder: made } = recorder(() => false);
    await made.add(delta('a'));
    await made.add(delta('b'));
    expect(await made.flush()).toBe(false);
    expect(made.lost.aborted).toBe(true);
    expect(batches).toHaveLength(1);
  });
});
