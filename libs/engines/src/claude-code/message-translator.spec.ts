import { describe, expect, it } from '@jest/globals';
import type { SDKMessage } from '@anthropic-ai/claude-agent-sdk';
import type { EngineEvent } from '../agent-engine.js';
import { MessageTranslator } from './message-translator.js';
import { assistant, event, message, result } from './sdk-messages.js';

const translate = (messages: SDKMessage[], resumed = false): EngineEvent[] => {
  const translator = new MessageTranslator(resumed);
  return messages.flatMap((one) => translator.translate(one));
};

const start = (id: string, parent: string | null = null) =>
  event({ type: 'message_start', message: { id } }, parent);
const block = (index: number, type: string, parent: string | null = null) =>
  event({ type: 'content_block_start', index, content_block: { type } }, parent);
const text = (index: number, words: string, parent: string | null = null) =>
  event({ type: 'content_block_delta', index, delta: { type: 'text_delta', text: words } }, parent);
const init = {
  type: 'system',
  subtype: 'init',
  model: 'm',
  tools: [],
  skills: [],
  permissionMode: 'default',
};

describe('translating messages of Claude Code', () => {
  it('gives the deltas and the whole of a block one id, although the whole does not name its index', () => {
    const events = translate([
      start('A'),
      block(0, 'thinking'),
      event({ type: 'content_block_delta', index: 0, delta: { type: 'thinking_delta', thinking: 'hm' } }),
      assistant('A', [{ type: 'thinking', thinking: 'hm' }]),
      event({ type: 'content_block_stop', index: 0 }),
      block(1, 'text'),
      text(1, 'Hi '),
      text(1, 'there'),
      assistant('A', [{ type: 'text', text: 'Hi there' }]),
    ]);
    expect(events).toEqual([
      { type: 'thinking.delta', messageId: 'A:0', text: 'hm' },
      { type: 'thinking', messageId: 'A:0', text: 'hm' },
      { type: 'text.delta', messageId: 'A:1', text: 'Hi ' },
      { type: 'text.delta', messageId: 'A:1', text: 'there' },
      { type: 'text', messageId: 'A:1', text: 'Hi there' },
    ]);
  });

  it('keeps the threads of subagents apart', () => {
    const events = translate(
      [start('A'), block(0, 'text'), start('B', 'call'), block(0, 'text', 'call')].concat([
        text(0, 'sub', 'call'),
        text(0, 'main'),
      ]),
    );
    expect(events).toEqual([
      { type: 'text.delta', messageId: 'B:0', text: 'sub', parent: 'call' },
      { type: 'text.delta', messageId: 'A:0', text: 'main' },
    ]);
  });

  it('lets an answer that was sent again whole replace what was streamed under another id', () => {
    const events = translate([
      start('A'),
      block(0, 'text'),
      text(0, 'Hi th'),
      assistant('B', [{ type: 'text', text: 'Hi there' }]),
    ]);
    expect(events.at(-1)).toEqual({ type: 'text', messageId: 'A:0', text: 'Hi there' });
  });

  it('withdraws what was streamed when the answer is streamed again, or never comes', () => {
    const again = translate([start('A'), block(0, 'text'), text(0, 'Hi th'), start('B')]);
    expect(again.at(-1)).toEqual({ type: 'text', messageId: 'A:0', text: '' });
    const never = translate([start('A'), block(0, 'text'), text(0, 'Hi th'), result()]);
    expect(never.slice(-2)).toMatchObject([
      { type: 'text', messageId: 'A:0', text: '' },
      { type: 'turn.finished' },
    ]);
  });

  it('names the tools that ran, with what they said', () => {
    const events = translate([
      assistant('A', [{ type: 'tool_use', id: 't1', name: 'Bash', input: { command: 'ls' } }]),
      message({
        type: 'user',
        tool_use_result: { stdout: 'a' },
        message: {
          content: [{ type: 'tool_result', tool_use_id: 't1', content: [{ type: 'text', text: 'a' }] }],
        },
      }),
      message({
        type: 'user',
        message: { content: [{ type: 'text', text: '[Request interrupted by user]' }] },
      }),
    ]);
    expect(events).toEqual([
      { type: 'tool.started', id: 't1', name: 'Bash', input: { command: 'ls' } },
      { type: 'tool.finished', id: 't1', isError: false, output: 'a', detail: { stdout: 'a' } },
    ]);
  });

  it('tells the session and the init once, although they come with every turn', () => {
    const one = message({ ...init, mcp_servers: [{ name: 'db', status: 'failed' }] });
    const events = translate([one, one]);
    expect(events).toMatchObject([
      { type: 'session', sessionId: 's-1' },
      { type: 'init', mcpFailed: ['db'] },
    ]);
  });

  it('does not pass off an API error as words of the model', () => {
    const report = assistant('X', [{ type: 'text', text: 'Credit balance is too low' }], {
      error: 'billing_error',
    });
    const failed = result({ is_error: true, api_error_status: 400, result: 'Credit balance is too low' });
    expect(translate([report, failed])).toMatchObject([
      { type: 'note', kind: 'api_error' },
      { type: 'turn.finished', result: null, outcome: { kind: 'failed', failure: 'billing_error' } },
    ]);
  });

  it('knows a conversation as lost when an existing one was asked for and none was taken up', () => {
    const lost = result({ subtype: 'error_during_execution', is_error: true });
    expect(translate([lost], true)).toMatchObject([{ outcome: { failure: 'session_lost' } }]);
    expect(translate([lost], false)).toMatchObject([{ outcome: { failure: 'unknown' } }]);
  });

  it('passes on what it does not know as a note', () => {
    const events = translate([
      message({ type: 'brand_new', x: 1 }),
      message({ type: 'system', subtype: 'task_started', task_id: 't' }),
      message({ type: 'system', subtype: 'status', status: 'requesting' }),
    ]);
    expect(events).toMatchObject([
      { type: 'note', kind: 'brand_new', detail: { x: 1 } },
      { type: 'note', kind: 'task_started', detail: { task_id: 't' } },
    ]);
  });
});
