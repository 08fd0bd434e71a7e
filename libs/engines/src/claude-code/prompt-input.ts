import { randomUUID } from 'node:crypto';
import type { UUID } from 'node:crypto';
import type { SDKUserMessage } from '@anthropic-ai/claude-agent-sdk';

/**
 * The open input of a run. It stays open until every message that was sent has been answered, because a closed input
 * makes Claude Code exit, and a message that arrives later would be lost. Nothing is handed on before `open`.
 */
export class PromptInput implements AsyncIterable<SDKUserMessage> {
  #waiting: SDKUserMessage[] = [];
  #unanswered = new Set<string>();
  #opened = false;
  #ended = false;
  #wake: (() => void) | null = null;

  get opened(): boolean {
    return this.#opened;
  }

  get ended(): boolean {
    return this.#ended;
  }

  get unansweredCount(): number {
    return this.#unanswered.size;
  }

  send(text: string, when: 'asap' | 'next-turn'): { messageId: UUID; accepted: boolean } {
    const uuid = randomUUID();
    if (this.#ended) return { messageId: uuid, accepted: false };
    this.#unanswered.add(uuid);
    this.#waiting.push({
      type: 'user',
      uuid,
      message: { role: 'user', content: text },
      parent_tool_use_id: null,
      session_id: '',
      // Without it a message that arrives during a tool call is folded into the running turn.
      ...(when === 'next-turn' ? { priority: 'later' as const } : {}),
    });
    this.#wake?.();
    return { messageId: uuid, accepted: true };
  }

  /** A result that names no message answers the oldest one: input must not stay open for ever. */
  markAnswered(messageIds: readonly string[]): void {
    if (messageIds.length === 0) {
      const [oldest] = this.#unanswered;
      if (oldest !== undefined) this.#unanswered.delete(oldest);
    }
    for (const id of messageIds) this.#unanswered.delete(id);
  }

  open(): void {
    this.#opened = true;
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async *[Symbol.asyncIterator](): AsyncIterator<SDKUserMessage> {
    for (;;) {
      const next = this.#opened ? this.#waiting.shift() : undefined;
      if (next) yield next;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }
}
