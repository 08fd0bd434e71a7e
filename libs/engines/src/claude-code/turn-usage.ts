import type { ModelUsage, SDKResultMessage } from '@anthropic-ai/claude-agent-sdk';
import type { EngineUsage } from '../agent-engine.js';

type UsageByModel = Record<string, ModelUsage>;

/**
 * What each turn used alone. `modelUsage` is cumulative, after a resume even over all earlier runs, and booking it
 * would count everything twice. The CLI reports the share of each result in a field that the types leave out.
 */
export class TurnUsage {
  #seen: UsageByModel | null;

  /** A resumed conversation starts from totals that this process has not seen. */
  constructor(resumed: boolean) {
    this.#seen = resumed ? null : {};
  }

  of(result: SDKResultMessage): EngineUsage[] {
    const before = this.#seen;
    this.#seen = result.modelUsage;
    const since = sinceLastResult(result);
    if (since) return Object.entries(since).map(([model, usage]) => toEngineUsage(model, usage));
    if (before === null) return mainLoopOnly(result);
    return Object.entries(result.modelUsage)
      .map(([model, total]) => toEngineUsage(model, total, before[model]))
      .filter((usage) => usage.inputTokens + usage.outputTokens + usage.costUsd > 0);
  }
}

function sinceLastResult(result: object): UsageByModel | null {
  if (!('model_usage_since_last_result' in result)) return null;
  const since = result.model_usage_since_last_result;
  return typeof since === 'object' && since !== null ? (since as UsageByModel) : null;
}

function toEngineUsage(model: string, total: ModelUsage, before?: ModelUsage): EngineUsage {
  // Never negative: totals start again from zero when a conversation is cleared.
  const share = (now: number, then = 0): number => Math.max(0, now - then);
  return {
    model,
    inputTokens: share(total.inputTokens, before?.inputTokens),
    outputTokens: share(total.outputTokens, before?.outputTokens),
    cacheReadTokens: share(total.cacheReadInputTokens, before?.cacheReadInputTokens),
    cacheWriteTokens: share(total.cacheCreationInputTokens, before?.cacheCreationInputTokens),
    costUsd: share(total.costUSD, before?.costUSD),
    costBasis: total.costBasis ?? 'list',
  };
}

/** Without the field and without a baseline only the main loop's tokens are certain; the cost stays unknown. */
function mainLoopOnly({ usage, modelUsage }: SDKResultMessage): EngineUsage[] {
  const [model] = Object.keys(modelUsage);
  if (model === undefined) return [];
  return [
    {
      model,
      inputTokens: usage.input_tokens,
      outputTokens: usage.output_tokens,
      cacheReadTokens: usage.cache_read_input_tokens,
      cacheWriteTokens: usage.cache_creation_input_tokens,
      costUsd: 0,
      costBasis: 'unknown',
    },
  ];
}
