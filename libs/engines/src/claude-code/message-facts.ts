import type { SDKMessage, SDKResultMessage, SDKSystemMessage } from '@anthropic-ai/claude-agent-sdk';

/**
 * The ids of the messages that a turn has answered: a message sent during a tool call is folded into that turn. Null
 * for a turn that Claude Code started by itself, as when a subagent in the background reports.
 */
export function answeredMessages(result: SDKResultMessage): string[] | null {
  const single = result.user_message_uuid;
  const ids = result.user_message_uuids ?? (single === undefined ? [] : [single]);
  return ids.length === 0 && result.origin !== undefined ? null : ids;
}

/** What could not be loaded, in one line; null when all is well. Only here does a missing plugin show at all. */
export function brokenPlugins(init: SDKSystemMessage): string | null {
  const errors = init.plugin_errors ?? [];
  return errors.length === 0 ? null : errors.map(({ type, message }) => `${type}: ${message}`).join('; ');
}

/** Whether a message shows that a turn is running; others also arrive between turns. */
export function belongsToTurn(message: SDKMessage): boolean {
  if (message.type === 'system') return message.subtype === 'init';
  return message.type === 'stream_event' || message.type === 'assistant' || message.type === 'user';
}
