import type { SDKMessage, SDKResultMessage } from '@anthropic-ai/claude-agent-sdk';

// Messages as they come over the wire, for specs: only what the engine reads, so JSON and not the whole types.
export function message(fields: Record<string, unknown>): SDKMessage {
  return JSON.parse(JSON.stringify({ session_id: 's-1', parent_tool_use_id: null, ...fields })) as SDKMessage;
}

export function result(fields: Record<string, unknown> = {}): SDKResultMessage {
  return JSON.parse(
    JSON.stringify({
      type: 'result',
      subtype: 'success',
      is_error: false,
      result: 'done',
      errors: [],
      num_turns: 1,
      duration_ms: 5,
      session_id: 's-1',
      modelUsage: {},
      usage: {
        input_tokens: 3,
        output_tokens: 4,
        cache_read_input_tokens: 5,
        cache_creation_input_tokens: 6,
      },
      ...fields,
    }),
  ) as SDKResultMessage;
}

export const event = (fields: Record<string, unknown>, parent: string | null = null): SDKMessage =>
  message({ type: 'stream_event', event: fields, parent_tool_use_id: parent });

export const assistant = (id: string, content: unknown[], more: Record<string, unknown> = {}): SDKMessage =>
  message({ type: 'assistant', message: { id, content }, ...more });
