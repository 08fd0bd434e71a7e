import type { ModelUsage, NewTaskEvent } from '@app/contracts';
import type { EngineEvent, EngineUsage } from '@app/engines';

/** What the log says for an event of the engine; null for those that the runner handles itself. */
export function taskEventOf(event: EngineEvent, engineId: string): NewTaskEvent | null {
  const at = new Date().toISOString();
  switch (event.type) {
    case 'init':
      return {
        at,
        type: 'task.engine',
        data: {
          engine: engineId,
          ...(event.version ? { version: event.version } : {}),
          model: event.model,
          tools: event.tools,
          skills: event.skills,
          mcp_failed: event.mcpFailed,
        },
      };
    case 'text.delta':
    case 'thinking.delta':
      return {
        at,
        type: 'task.output',
        data: {
          kind: event.type === 'text.delta' ? 'text' : 'thinking',
          text: event.text,
          message_id: event.messageId,
          ...parentOf(event),
        },
      };
    case 'text':
    case 'thinking':
      return {
        at,
        type: 'task.message',
        data: { kind: event.type, text: event.text, message_id: event.messageId, ...parentOf(event) },
      };
    case 'tool.started':
      return {
        at,
        type: 'task.tool_started',
        data: { tool_use_id: event.id, tool: event.name, input: event.input, ...parentOf(event) },
      };
    case 'tool.finished':
      return {
        at,
        type: 'task.tool_finished',
        data: {
          tool_use_id: event.id,
          is_error: event.isError,
          output: event.output,
          ...(event.detail === undefined ? {} : { detail: event.detail }),
          ...parentOf(event),
        },
      };
    case 'permission.requested':
      return {
        at,
        type: 'task.approval_requested',
        data: {
          approval_id: event.id,
          tool: event.tool,
          input: event.input,
          ...(event.reason ? { reason: event.reason } : {}),
        },
      };
    case 'permission.resolved':
      return {
        at,
        type: 'task.approval_resolved',
        data: {
          approval_id: event.id,
          decision: event.behavior,
          by: 'policy',
          ...(event.message ? { message: event.message } : {}),
        },
      };
    case 'retry':
      return {
        at,
        type: 'task.retrying',
        data: {
          attempt: event.attempt,
          max_attempts: event.maxAttempts,
          delay_ms: event.delayMs,
          status: event.status,
          error: event.error,
        },
      };
    case 'note':
      return {
        at,
        type: 'task.note',
        data: {
          kind: event.kind,
          ...(event.text === undefined ? {} : { text: event.text }),
          ...(event.detail === undefined ? {} : { detail: event.detail }),
        },
      };
    case 'session':
    case 'turn.finished':
    case 'ended':
      return null;
  }
}

export function usageOf(used: EngineUsage): ModelUsage {
  return {
    model: used.model,
    input_tokens: used.inputTokens,
    output_tokens: used.outputTokens,
    cache_read_tokens: used.cacheReadTokens,
    cache_write_tokens: used.cacheWriteTokens,
    cost_usd: used.costUsd,
    cost_basis: used.costBasis,
  };
}

function parentOf(event: { parent?: string }): { parent_tool_use_id?: string } {
  return event.parent ? { parent_tool_use_id: event.parent } : {};
}
