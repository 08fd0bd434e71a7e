import type { ReasonCode } from '@app/contracts';
import type { EngineFailure } from '@app/engines';

/** What each failure of the engine is called on a task. Exhaustive: a new failure does not compile without a row. */
export const REASON_OF_FAILURE = {
  auth_failed: 'auth_failed',
  billing_error: 'billing_error',
  rate_limited: 'rate_limited',
  usage_limit: 'usage_limit',
  overloaded: 'overloaded',
  invalid_request: 'invalid_request',
  provider_error: 'provider_error',
  model_failed: 'model_failed',
  max_turns: 'max_turns',
  max_cost: 'max_cost',
  session_lost: 'session_lost',
  agent_invalid: 'agent_invalid',
  workspace_missing: 'workspace_failed',
  not_startable: 'engine_failed',
  crashed: 'engine_failed',
  unknown: 'engine_failed',
} as const satisfies Record<EngineFailure, ReasonCode>;
