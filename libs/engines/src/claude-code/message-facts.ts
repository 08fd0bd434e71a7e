import type { SDKResultMessage, SDKSystemMessage } from '@anthropic-ai/claude-agent-sdk';

/** The ids of the messages that a turn has answered: a message sent during a tool call is folded into that turn. */
export function answeredMessages(result: SDKResultMessage): string[] {
  const single = result.user_message_uuid;
  return result.user_message_uuids ?? (single === undefined ? [] : [single]);
}

/** What could not be loaded, in one line; null when all is well. Only here does a missing plugin show at all. */
export function brokenPlugins(init: SDKSystemMessage): string | null {
  const errors = init.plugin_errors ?? [];
  return errors.length === 0 ? null : errors.map(({ type, message }) => `${type}: ${message}`).join('; ');
}
