import { describe, expect, it } from '@jest/globals';
import { result } from './sdk-messages.js';
import { TurnUsage } from './turn-usage.js';

const opus = (tokens: number, costUSD: number) => ({
  opus: {
    inputTokens: tokens,
    outputTokens: tokens,
    cacheReadInputTokens: 0,
    cacheCreationInputTokens: 0,
    costUSD,
  },
});

describe('the usage of a turn', () => {
  it('is what the CLI reports for it, also after a resume', () => {
    const usage = new TurnUsage(true);
    const turn = result({ modelUsage: opus(100, 5), model_usage_since_last_result: opus(10, 0.5) });
    expect(usage.of(turn)).toMatchObject([
      { model: 'opus', inputTokens: 10, costUsd: 0.5, costBasis: 'list' },
    ]);
  });

  it('is the difference of the totals when the CLI does not report it', () => {
    const usage = new TurnUsage(false);
    expect(usage.of(result({ modelUsage: opus(10, 1) }))).toMatchObject([{ inputTokens: 10, costUsd: 1 }]);
    expect(usage.of(result({ modelUsage: opus(25, 3) }))).toMatchObject([{ inputTokens: 15, costUsd: 2 }]);
    expect(usage.of(result({ modelUsage: opus(25, 3) }))).toEqual([]);
  });

  it('admits that it does not know the first cost after a resume, rather than book everything again', () => {
    const usage = new TurnUsage(true);
    const [first] = usage.of(result({ modelUsage: opus(100, 5) }));
    expect(first).toEqual({
      model: 'opus',
      inputTokens: 3,
      outputTokens: 4,
      cacheReadTokens: 5,
      cacheWriteTokens: 6,
      costUsd: 0,
      costBasis: 'unknown',
    });
    expect(usage.of(result({ modelUsage: opus(110, 6) }))).toMatchObject([{ inputTokens: 10, costUsd: 1 }]);
  });
});
