import type { Block } from './script.js';

/** The part of a Messages API request that the offline model looks at; everything else is ignored. */
export interface MessagesRequest {
  model: string;
  stream: boolean;
  conversationId: string;
  messages: ConversationMessage[];
}

interface ConversationMessage {
  role: string;
  texts: string[];
}

export interface ScenarioCall {
  name: string | null;
  arg: string | undefined;
  step: number;
}

/** How Claude Code 2.1 hands the model what a user wrote while a tool was running. */
const FOLDED_PROMPT =
  /^The user sent a new message while you were working:\n([\s\S]*?)\n\nThis is how Claude Code/;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const textOrEmpty = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Returns null when the body is not a Messages API request. */
export function parseMessagesRequest(body: string): MessagesRequest | null {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    return null;
  }
  if (!isRecord(parsed) || !Array.isArray(parsed['messages'])) return null;
  const metadata = parsed['metadata'];
  return {
    model: textOrEmpty(parsed['model']),
    stream: parsed['stream'] === true,
    conversationId: isRecord(metadata) ? textOrEmpty(metadata['user_id']) : '',
    messages: parsed['messages'].filter(isRecord).map(parseMessage),
  };
}

function parseMessage(message: Record<string, unknown>): ConversationMessage {
  const role = textOrEmpty(message['role']);
  const texts = textsOf(message['content']);
  const folded = role === 'system' ? texts.flatMap((text) => FOLDED_PROMPT.exec(text)?.[1] ?? []) : [];
  return folded.length > 0 ? { role: 'user', texts: folded } : { role, texts };
}

function textsOf(content: unknown): string[] {
  if (typeof content === 'string') return [content];
  if (!Array.isArray(content)) return [];
  return content
    .filter(isRecord)
    .filter((block) => block['type'] === 'text')
    .map((block) => textOrEmpty(block['text']));
}

/** The last marker in what the user wrote; the step is the number of assistant turns after it. */
export function locateScenario(messages: readonly ConversationMessage[]): ScenarioCall {
  for (let index = messages.length - 1; index >= 0; index--) {
    const message = messages[index];
    if (message?.role !== 'user') continue;
    const calls = [...message.texts.join('\n').matchAll(/SCENARIO:([a-z0-9_-]+)(?:\[([^\]]*)\])?/gi)];
    const last = calls.at(-1);
    if (!last) continue;
    const step = messages.slice(index + 1).filter((later) => later.role === 'assistant').length;
    return { name: last[1] ?? null, arg: last[2], step };
  }
  return { name: null, arg: undefined, step: 0 };
}

/** What people wrote, without the reminders that Claude Code adds to a conversation. */
export function promptsOf(messages: readonly ConversationMessage[]): string[] {
  return messages
    .filter((message) => message.role === 'user')
    .flatMap((message) => message.texts)
    .map((text) => text.replace(/<system-reminder>[\s\S]*?<\/system-reminder>/g, '').trim())
    .filter((text) => text !== '' && !text.startsWith('[Request interrupted by user'));
}

/** Fills `{arg}` in every string of a scripted block. */
export function fillIn(blocks: readonly Block[], arg: string | undefined): Block[] {
  const fill = (value: unknown): unknown => {
    if (typeof value === 'string') return value.replaceAll('{arg}', arg ?? '');
    if (Array.isArray(value)) return value.map(fill);
    if (isRecord(value)) return fillRecord(value);
    return value;
  };
  const fillRecord = (record: Record<string, unknown>): Record<string, unknown> =>
    Object.fromEntries(Object.entries(record).map(([key, value]) => [key, fill(value)]));
  return blocks.map((block): Block => {
    if (block.type === 'text') return { ...block, text: block.text.replaceAll('{arg}', arg ?? '') };
    if (block.type === 'thinking')
      return { ...block, thinking: block.thinking.replaceAll('{arg}', arg ?? '') };
    return { ...block, input: fillRecord(block.input) };
  });
}
