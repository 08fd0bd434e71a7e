import { describe, expect, it } from '@jest/globals';
import { PromptInput } from './prompt-input.js';

describe('the open input of a run', () => {
  it('counts a message as answered when a result names it, and the oldest when it names none', () => {
    const input = new PromptInput();
    input.send('one', 'asap');
    const two = input.send('two', 'asap');
    input.send('three', 'asap');
    input.markAnswered([two.messageId]);
    expect(input.unansweredCount).toBe(2);
    input.markAnswered([]);
    expect(input.unansweredCount).toBe(1);
  });

  it('hands on every message sent before its end, and accepts none after it', async () => {
    const input = new PromptInput();
    input.send('one', 'asap');
    input.send('two', 'next-turn');
    input.open();
    input.end();
    expect(input.send('three', 'asap').accepted).toBe(false);
    const read: unknown[] = [];
    for await (const { message, priority } of input) read.push([message.content, priority]);
    expect(read).toEqual([
      ['one', undefined],
      ['two', 'later'],
    ]);
  });

  it('hands on nothing when it ends before it was opened', async () => {
    const input = new PromptInput();
    input.send('one', 'asap');
    input.end();
    for await (const message of input) throw new Error(`handed on ${JSON.stringify(message)}`);
  });
});
