import { describe, expect, it } from '@jest/globals';
import { fillIn, locateScenario, parseMessagesRequest, promptsOf } from './conversation.js';

const parse = (messages: unknown[]) =>
  parseMessagesRequest(JSON.stringify({ model: 'm', messages }))?.messages ?? [];
const user = (content: unknown) => ({ role: 'user', content });
const reply = { role: 'assistant', content: [{ type: 'text', text: 'SCENARIO:never' }] };

describe('finding the scenario of a conversation', () => {
  it('takes the last marker that a user wrote, and counts the answers after it', () => {
    const messages = parse([
      user('SCENARIO:one'),
      reply,
      user([{ type: 'text', text: 'SCENARIO:two[a b] x' }]),
      reply,
    ]);
    expect(locateScenario(messages)).toEqual({ name: 'two', arg: 'a b', step: 1 });
    expect(locateScenario(parse([user('hello')]))).toEqual({ name: null, arg: undefined, step: 0 });
  });

  it('sees a message that Claude Code has folded into a running turn', () => {
    const folded =
      'The user sent a new message while you were working:\nSCENARIO:late\n\nThis is how Claude Code …';
    const messages = parse([
      user('SCENARIO:one'),
      reply,
      { role: 'system', content: [{ type: 'text', text: folded }] },
    ]);
    expect(locateScenario(messages)).toEqual({ name: 'late', arg: undefined, step: 0 });
  });

  it('lists what people wrote, without reminders and tool results', () => {
    const result = { type: 'tool_result', tool_use_id: 't', content: 'out' };
    const texts = ['<system-reminder>\nBe nice.\n</system-reminder>', 'first'].map((text) => ({
      type: 'text',
      text,
    }));
    expect(promptsOf(parse([user(texts), reply, user([result]), user('second')]))).toEqual([
      'first',
      'second',
    ]);
  });

  it('fills the argument into every string of a block', () => {
    const block = {
      type: 'tool_use',
      name: 'Bash',
      input: { command: 'ls {arg}', list: ['{arg}'] },
    } as const;
    expect(fillIn([{ ...block, input: { ...block.input } }], 'x')).toEqual([
      { type: 'tool_use', name: 'Bash', input: { command: 'ls x', list: ['x'] } },
    ]);
  });

  it('refuses what is no request', () => {
    expect(parseMessagesRequest('nonsense')).toBeNull();
    expect(parseMessagesRequest('{}')).toBeNull();
  });
});
