import type {
  SDKAssistantMessage,
  SDKAssistantMessageError,
  SDKMessage,
} from '@anthropic-ai/claude-agent-sdk';
import type {
  SDKPartialAssistantMessage,
  SDKRateLimitEvent,
  SDKResultMessage,
  SDKSystemMessage,
} from '@anthropic-ai/claude-agent-sdk';
import type { SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';
import type { EngineEvent } from '../agent-engine.js';
import { outcomeOfResult } from './failure-of-result.js';
import type { WithdrawnBlock } from './streamed-blocks.js';
import { StreamedBlocks } from './streamed-blocks.js';
import { toolFinished } from './tool-output.js';
import { TurnUsage } from './turn-usage.js';

/** Book-keeping of the CLI that says nothing to anybody outside. */
const SILENT = new Set([
  'status',
  'session_state_changed',
  'commands_changed',
  'thinking_tokens',
  'command_lifecycle',
]);

/**
 * SDK messages in, engine events out; no input or output of its own. What it does not know becomes a `note`, because
 * the CLI adds message types faster than this file changes.
 */
export class MessageTranslator {
  readonly #blocks = new StreamedBlocks();
  readonly #usage: TurnUsage;
  readonly #resumed: boolean;
  #sessionId: string | null = null;
  #lastInit = '';
  #apiError: SDKAssistantMessageError | null = null;
  #limitResetsAt: number | null = null;
  #limitIsOfModel = false;
  #lastRetryDelayMs: number | null = null;

  constructor(resumed: boolean) {
    this.#resumed = resumed;
    this.#usage = new TurnUsage(resumed);
  }

  get sessionId(): string | null {
    return this.#sessionId;
  }

  translate(message: SDKMessage): EngineEvent[] {
    const session = this.#noticeSession(message);
    return [...session, ...this.#translate(message)];
  }

  #translate(message: SDKMessage): EngineEvent[] {
    switch (message.type) {
      case 'stream_event':
        return this.#streamEvent(message);
      case 'assistant':
        return this.#assistant(message);
      case 'user':
        return toolResults(message);
      case 'result':
        return this.#result(message);
      case 'system':
        return this.#system(message);
      case 'rate_limit_event':
        return this.#rateLimit(message);
      default:
        return SILENT.has(message.type) ? [] : [note(message.type, message)];
    }
  }

  /** A result without an `init` before it names a session that was never taken up. */
  #noticeSession(message: SDKMessage): EngineEvent[] {
    if (message.type !== 'system' || message.subtype !== 'init' || message.session_id === this.#sessionId)
      return [];
    this.#sessionId = message.session_id;
    return [{ type: 'session', sessionId: message.session_id }];
  }

  #system(message: Extract<SDKMessage, { type: 'system' }>): EngineEvent[] {
    switch (message.subtype) {
      case 'init':
        return this.#init(message);
      case 'api_retry':
        this.#lastRetryDelayMs = message.retry_delay_ms;
        return [
          {
            type: 'retry',
            attempt: message.attempt,
            maxAttempts: message.max_retries,
            delayMs: message.retry_delay_ms,
            status: message.error_status,
            error: message.error,
          },
        ];
      default:
        return SILENT.has(message.subtype) ? [] : [note(message.subtype, message)];
    }
  }

  #rateLimit(message: SDKRateLimitEvent): EngineEvent[] {
    const { status, resetsAt, rateLimitType } = message.rate_limit_info;
    this.#limitResetsAt = status === 'rejected' ? (resetsAt ?? null) : null;
    this.#limitIsOfModel = rateLimitType === 'seven_day_opus' || rateLimitType === 'seven_day_sonnet';
    return [note(message.type, message)];
  }

  /** Comes again with every turn; told again only when something in it has changed. */
  #init(message: SDKSystemMessage): EngineEvent[] {
    const event: EngineEvent = {
      type: 'init',
      version: message.claude_code_version,
      model: message.model,
      tools: message.tools,
      skills: message.skills,
      mcpFailed: message.mcp_servers.filter((s) => BROKEN_MCP.has(s.status)).map((s) => s.name),
      permissionMode: message.permissionMode,
    };
    const text = JSON.stringify(event);
    if (text === this.#lastInit) return [];
    this.#lastInit = text;
    return [event];
  }

  #streamEvent({ event, parent_tool_use_id }: SDKPartialAssistantMessage): EngineEvent[] {
    const parent = parent_tool_use_id ?? undefined;
    switch (event.type) {
      case 'message_start':
        return this.#blocks.startMessage(parent, event.message.id).map(withdrawn);
      case 'content_block_start': {
        const kind = event.content_block.type;
        if (kind === 'text' || kind === 'thinking') this.#blocks.startBlock(parent, event.index, kind);
        return [];
      }
      case 'content_block_delta': {
        const messageId = this.#blocks.idOfDelta(parent, event.index);
        if (messageId === null) return [];
        const from = { messageId, ...(parent === undefined ? {} : { parent }) };
        if (event.delta.type === 'text_delta')
          return [{ type: 'text.delta', text: event.delta.text, ...from }];
        if (event.delta.type === 'thinking_delta') {
          return [{ type: 'thinking.delta', text: event.delta.thinking, ...from }];
        }
        return [];
      }
      default:
        return [];
    }
  }

  #assistant({ message, parent_tool_use_id, error }: SDKAssistantMessage): EngineEvent[] {
    const parent = parent_tool_use_id ?? undefined;
    const from = parent === undefined ? {} : { parent };
    if (error !== undefined) {
      // Not the model's words: the CLI's own report of an API error, told again by the result.
      if (parent === undefined) this.#apiError = error;
      return [{ type: 'note', kind: 'api_error', text: textOf(message.content), detail: { error, ...from } }];
    }
    return message.content.flatMap((block): EngineEvent[] => {
      switch (block.type) {
        case 'text':
        case 'thinking': {
          const messageId = this.#blocks.settle(parent, message.id, block.type);
          const text = block.type === 'text' ? block.text : block.thinking;
          return [{ type: block.type, messageId, text, ...from }];
        }
        case 'tool_use':
        case 'server_tool_use':
        case 'mcp_tool_use':
          this.#blocks.settle(parent, message.id, 'other');
          return [{ type: 'tool.started', id: block.id, name: block.name, input: block.input, ...from }];
        default:
          this.#blocks.settle(parent, message.id, 'other');
          return [note(block.type, block)];
      }
    });
  }

  #result(result: SDKResultMessage): EngineEvent[] {
    const lostConversation = this.#resumed && this.#sessionId === null;
    const outcome = outcomeOfResult(result, {
      apiError: this.#apiError,
      limitResetsAt: this.#limitResetsAt,
      limitIsOfModel: this.#limitIsOfModel,
      lastRetryDelayMs: this.#lastRetryDelayMs,
      lostConversation,
    });
    this.#apiError = null;
    this.#lastRetryDelayMs = null;
    return [
      ...this.#blocks.endTurn().map(withdrawn),
      {
        type: 'turn.finished',
        outcome,
        result: result.subtype === 'success' && outcome.kind === 'success' ? result.result : null,
        turns: result.num_turns,
        durationMs: result.duration_ms,
        usage: this.#usage.of(result),
      },
    ];
  }
}

const BROKEN_MCP = new Set(['failed', 'needs-auth']);

const withdrawn = ({ kind, messageId, parent }: WithdrawnBlock): EngineEvent => ({
  type: kind,
  messageId,
  text: '',
  ...(parent === undefined ? {} : { parent }),
});

const note = (kind: string, detail: unknown): EngineEvent => ({ type: 'note', kind, detail });

function toolResults({ message, parent_tool_use_id, tool_use_result }: SDKUserMessage): EngineEvent[] {
  if (!Array.isArray(message.content)) return [];
  const results = message.content.flatMap((block) => (block.type === 'tool_result' ? [block] : []));
  // The structured form belongs to the message; with several results in one message it cannot be told whose it is.
  const detail = results.length === 1 ? tool_use_result : undefined;
  return results.map((block) => toolFinished(block, detail, parent_tool_use_id ?? undefined));
}

function textOf(content: SDKAssistantMessage['message']['content']): string {
  return content.map((block) => (block.type === 'text' ? block.text : '')).join('');
}
