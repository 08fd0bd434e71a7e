import type { EngineEvent, TurnOutcome } from '../agent-engine.js';
import { boundText, boundValue } from './bound-value.js';
import { maskAllIn, maskText, StreamMaskers } from './mask-secret.js';

type DeltaEvent = Extract<EngineEvent, { type: 'text.delta' | 'thinking.delta' }>;

/**
 * The last station before an event leaves the engine: the secrets are masked in every text, and what a tool said
 * is bounded. First masked, then cut, so that no cut can leave half a secret behind.
 */
export class SafeEvents {
  readonly #secrets: readonly string[];
  readonly #streams = new Map<string, { masker: StreamMaskers; last: DeltaEvent }>();

  constructor(secrets: readonly string[]) {
    // One may begin with another: the longer one first, or its end would stay.
    this.#secrets = [...new Set(secrets)].sort((a, b) => b.length - a.length);
  }

  clean(event: EngineEvent): EngineEvent[] {
    switch (event.type) {
      case 'text.delta':
      case 'thinking.delta':
        return this.#cleanDelta(event);
      case 'text':
      case 'thinking':
        return [...this.#endStream(event.messageId), { ...event, text: this.#mask(event.text) }];
      case 'tool.started':
        return [{ ...event, input: this.#value(event.input) }];
      case 'tool.finished':
        return [
          {
            ...event,
            output: boundText(this.#mask(event.output)),
            ...(event.detail === undefined ? {} : { detail: this.#value(event.detail) }),
          },
        ];
      case 'permission.requested':
        return [this.#cleanRequest(event)];
      case 'permission.resolved':
        return [event.message === undefined ? event : { ...event, message: this.#mask(event.message) }];
      case 'note':
        return [
          {
            ...event,
            ...(event.text === undefined ? {} : { text: boundText(this.#mask(event.text)) }),
            ...(event.detail === undefined ? {} : { detail: this.#value(event.detail) }),
          },
        ];
      case 'turn.finished': {
        const result = event.result === null ? null : this.#mask(event.result);
        const held = [...this.#streams.keys()].flatMap((messageId) => this.#endStream(messageId));
        return [...held, { ...event, result, outcome: this.outcome(event.outcome) }];
      }
      case 'session':
      case 'init':
      case 'retry':
      case 'ended':
        return [event];
    }
  }

  outcome(outcome: TurnOutcome): TurnOutcome {
    return outcome.kind === 'failed'
      ? { ...outcome, message: boundText(this.#mask(outcome.message), 4000) }
      : outcome;
  }

  #cleanDelta(event: DeltaEvent): EngineEvent[] {
    const stream = this.#streams.get(event.messageId) ?? {
      masker: new StreamMaskers(this.#secrets),
      last: event,
    };
    this.#streams.set(event.messageId, { ...stream, last: event });
    const text = stream.masker.push(event.text);
    return text === '' ? [] : [{ ...event, text }];
  }

  #endStream(messageId: string): EngineEvent[] {
    const stream = this.#streams.get(messageId);
    this.#streams.delete(messageId);
    const rest = stream?.masker.flush() ?? '';
    return stream && rest !== '' ? [{ ...stream.last, text: rest }] : [];
  }

  #cleanRequest(event: Extract<EngineEvent, { type: 'permission.requested' }>): EngineEvent {
    const input = this.#value(event.input);
    return {
      ...event,
      input: typeof input === 'object' && input !== null ? Object.fromEntries(Object.entries(input)) : {},
      ...(event.reason === undefined ? {} : { reason: this.#mask(event.reason) }),
    };
  }

  #mask(text: string): string {
    return this.#secrets.reduce(maskText, text);
  }

  #value(value: unknown): unknown {
    return boundValue(maskAllIn(value, this.#secrets));
  }
}
