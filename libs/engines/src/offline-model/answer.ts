import { randomUUID } from 'node:crypto';
import type { Block } from './script.js';

type ApiBlock =
  | { type: 'text'; text: string }
  | { type: 'thinking'; thinking: string; signature: string }
  | { type: 'tool_use'; id: string; name: string; input: Record<string, unknown> };

interface ApiUsage {
  input_tokens: number;
  cache_creation_input_tokens: number;
  cache_read_input_tokens: number;
  cache_creation: { ephemeral_5m_input_tokens: number; ephemeral_1h_input_tokens: number };
  output_tokens: number;
  service_tier: 'standard';
}

/** One answer of the model, ready to be sent whole or as a stream. */
export interface Answer {
  id: string;
  model: string;
  content: ApiBlock[];
  stopReason: 'tool_use' | 'end_turn';
  usage: ApiUsage;
}

export type Delta = { type: 'content_block_delta'; index: number; delta: Record<string, unknown> };

const CHARS_PER_TOKEN = 4;
const apiId = (prefix: string): string => `${prefix}_${randomUUID().replaceAll('-', '').slice(0, 24)}`;

/** `firstCall`: the first call of a conversation writes its prompt to the cache, later ones read it from there. */
export function makeAnswer(
  model: string,
  blocks: readonly Block[],
  requestChars: number,
  firstCall: boolean,
): Answer {
  const content = blocks.map((block): ApiBlock => {
    if (block.type === 'tool_use') return { ...block, id: apiId('toolu') };
    return block.type === 'thinking' ? { ...block, signature: 'c2ln' } : block;
  });
  const promptTokens = Math.ceil(requestChars / CHARS_PER_TOKEN);
  const written = firstCall ? promptTokens : Math.ceil(promptTokens / 20);
  return {
    id: apiId('msg'),
    model,
    content,
    stopReason: blocks.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn',
    usage: {
      input_tokens: 12,
      cache_creation_input_tokens: written,
      cache_read_input_tokens: promptTokens - written,
      cache_creation: { ephemeral_5m_input_tokens: written, ephemeral_1h_input_tokens: 0 },
      output_tokens: Math.ceil(JSON.stringify(content).length / CHARS_PER_TOKEN),
      service_tier: 'standard',
    },
  };
}

export function asMessage(answer: Answer): Record<string, unknown> {
  return {
    id: answer.id,
    type: 'message',
    role: 'assistant',
    model: answer.model,
    content: answer.content,
    stop_reason: answer.stopReason,
    stop_sequence: null,
    usage: answer.usage,
  };
}

export function messageStart(answer: Answer): Record<string, unknown> {
  const message = { ...asMessage(answer), content: [], stop_reason: null };
  return { type: 'message_start', message: { ...message, usage: { ...answer.usage, output_tokens: 1 } } };
}

export function messageDelta(answer: Answer): Record<string, unknown> {
  return {
    type: 'message_delta',
    delta: { stop_reason: answer.stopReason, stop_sequence: null },
    usage: answer.usage,
  };
}

export function blockStart(block: ApiBlock, index: number): Record<string, unknown> {
  const empty = {
    text: { type: 'text', text: '' },
    thinking: { type: 'thinking', thinking: '', signature: '' },
    tool_use: block.type === 'tool_use' ? { ...block, input: {} } : {},
  }[block.type];
  return { type: 'content_block_start', index, content_block: empty };
}

/** Text and thinking come word by word, the input of a tool in pieces of 24 characters. */
export function deltasOf(block: ApiBlock, index: number): Delta[] {
  const delta = (value: Record<string, unknown>): Delta => ({
    type: 'content_block_delta',
    index,
    delta: value,
  });
  if (block.type === 'text') return words(block.text).map((text) => delta({ type: 'text_delta', text }));
  if (block.type === 'thinking') {
    return [
      ...words(block.thinking).map((thinking) => delta({ type: 'thinking_delta', thinking })),
      delta({ type: 'signature_delta', signature: block.signature }),
    ];
  }
  const pieces = JSON.stringify(block.input).match(/.{1,24}/gs) ?? [];
  return pieces.map((partial_json) => delta({ type: 'input_json_delta', partial_json }));
}

const words = (text: string): string[] => text.match(/\s*\S+\s*/g) ?? [text];
