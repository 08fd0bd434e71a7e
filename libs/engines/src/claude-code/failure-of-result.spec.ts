import { describe, expect, it } from '@jest/globals';
import { failureOfHopelessRetry, outcomeOfResult } from './failure-of-result.js';
import { result } from './sdk-messages.js';

const calm = {
  apiError: null,
  lostConversation: false,
  limitResetsAt: null,
  limitIsOfModel: false,
  lastRetryDelayMs: null,
};

describe('the outcome of a turn', () => {
  it('is an API error although the subtype says success', () => {
    const fields = {
      is_error: true,
      api_error_status: 529,
      terminal_reason: 'api_error',
      result: 'Overloaded',
    };
    expect(outcomeOfResult(result(fields), calm)).toEqual({
      kind: 'failed',
      failure: 'overloaded',
      message: 'Overloaded',
    });
  });

  it.each([
    [401, null, 'auth_failed'],
    [403, 'unknown', 'auth_failed'],
    [400, 'billing_error', 'billing_error'],
    [400, 'invalid_request', 'invalid_request'],
    [404, 'model_not_found', 'invalid_request'],
    [429, 'rate_limit', 'rate_limited'],
    [500, 'server_error', 'provider_error'],
    [503, null, 'overloaded'],
    [529, 'server_error', 'overloaded'],
    [418, null, 'invalid_request'],
  ] as const)('of status %i, named %s, is %s', (api_error_status, apiError, failure) => {
    const failed = result({ is_error: true, api_error_status, terminal_reason: 'api_error' });
    expect(outcomeOfResult(failed, { ...calm, apiError })).toMatchObject({ failure });
  });

  it.each([
    ['error_max_turns', 'max_turns'],
    ['error_max_budget_usd', 'max_cost'],
    ['error_during_execution', 'unknown'],
  ])('of %s is %s', (subtype, failure) => {
    expect(outcomeOfResult(result({ subtype, is_error: true }), calm)).toMatchObject({
      kind: 'failed',
      failure,
    });
  });

  it.each(['aborted_streaming', 'aborted_tools'])('is an interruption when it was %s', (terminal_reason) => {
    const aborted = result({ subtype: 'error_during_execution', is_error: true, terminal_reason });
    expect(outcomeOfResult(aborted, calm)).toEqual({ kind: 'interrupted' });
  });

  it('tells a lost conversation from other failures at the start', () => {
    const error = { subtype: 'error_during_execution', is_error: true, errors: ['No conversation found'] };
    const lost = { ...calm, lostConversation: true };
    expect(outcomeOfResult(result(error), lost)).toMatchObject({ failure: 'session_lost' });
    const known = result({ ...error, startup_failure_reason: 'bypass_root' });
    expect(outcomeOfResult(known, lost)).toMatchObject({ failure: 'agent_invalid' });
    const future = result({ ...error, startup_failure_reason: 'moon_in_wrong_phase' });
    expect(outcomeOfResult(future, lost)).toMatchObject({ failure: 'not_startable' });
  });

  it('is known at the first retry when no retry can help', () => {
    expect(failureOfHopelessRetry('authentication_failed')).toBe('auth_failed');
    expect(failureOfHopelessRetry('billing_error')).toBe('billing_error');
    expect(failureOfHopelessRetry('overloaded')).toBeNull();
  });

  it('is a usage limit with its reset when Claude Code told one, and a rate limit otherwise', () => {
    const refused = result({ is_error: true, api_error_status: 429, terminal_reason: 'api_error' });
    const limited = { ...calm, apiError: 'rate_limit' as const, lastRetryDelayMs: 2150 };
    expect(outcomeOfResult(refused, { ...limited, limitResetsAt: 1_900_000_000 })).toMatchObject({
      failure: 'usage_limit',
      resetsAt: '2030-03-17T17:46:40.000Z',
    });
    expect(outcomeOfResult(refused, limited)).toMatchObject({ failure: 'rate_limited', retryAfterMs: 2150 });
  });

  it('says when the usage limit is one of the model alone', () => {
    const refused = result({ is_error: true, api_error_status: 429, terminal_reason: 'api_error' });
    const limited = { ...calm, apiError: 'rate_limit' as const, limitResetsAt: 1_900_000_000 };
    expect(outcomeOfResult(refused, { ...limited, limitIsOfModel: true })).toMatchObject({ ofModel: true });
    expect(outcomeOfResult(refused, limited)).not.toHaveProperty('ofModel');
  });
});
