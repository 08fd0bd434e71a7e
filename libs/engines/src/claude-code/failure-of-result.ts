import type {
  SDKAssistantMessageError,
  SDKResultMessage,
  SDKStartupFailureReason,
  TerminalReason,
} from '@anthropic-ai/claude-agent-sdk';
import type { EngineFailure, RunFailure, TurnOutcome } from '../agent-engine.js';

/** How Claude Code names an API error, on a retry and on the message that reports it. Exhaustive by type. */
const OF_API_ERROR: Record<SDKAssistantMessageError, EngineFailure> = {
  authentication_failed: 'auth_failed',
  oauth_org_not_allowed: 'auth_failed',
  account_on_hold: 'auth_failed',
  verification_required: 'auth_failed',
  cloud_credential_error: 'auth_failed',
  billing_error: 'billing_error',
  rate_limit: 'rate_limited',
  overloaded: 'overloaded',
  invalid_request: 'invalid_request',
  model_not_found: 'invalid_request',
  server_error: 'provider_error',
  max_output_tokens: 'model_failed',
  unknown: 'unknown',
};

const OF_TERMINAL_REASON: Record<TerminalReason, EngineFailure | 'interrupted'> = {
  aborted_streaming: 'interrupted',
  aborted_tools: 'interrupted',
  max_turns: 'max_turns',
  budget_exhausted: 'max_cost',
  blocking_limit: 'rate_limited',
  rapid_refill_breaker: 'invalid_request',
  prompt_too_long: 'invalid_request',
  image_error: 'invalid_request',
  model_error: 'provider_error',
  api_error: 'provider_error',
  malformed_tool_use_exhausted: 'model_failed',
  structured_output_retry_exhausted: 'model_failed',
  stop_hook_prevented: 'unknown',
  hook_stopped: 'unknown',
  tool_deferred: 'unknown',
  tool_deferred_unavailable: 'unknown',
  background_requested: 'unknown',
  completed: 'unknown',
  turn_setup_failed: 'not_startable',
};

const OF_STARTUP_FAILURE: Record<SDKStartupFailureReason, EngineFailure> = {
  org_pin_api_key_conflict: 'auth_failed',
  provider_not_allowed: 'auth_failed',
  org_verify_failed: 'auth_failed',
  org_pin_mismatch: 'auth_failed',
  gateway_signin_required: 'auth_failed',
  gateway_access_denied: 'auth_failed',
  org_config_refused: 'auth_failed',
  org_config_required_unavailable: 'provider_error',
  remote_settings_required_unavailable: 'provider_error',
  cwd_unavailable: 'workspace_missing',
  worktree_resume_refused: 'session_lost',
  session_held_by_background: 'session_lost',
  worktree_unverified: 'not_startable',
  bypass_root: 'agent_invalid',
  managed_settings_invalid: 'not_startable',
  managed_settings_not_delivered: 'not_startable',
  proxy_invalid: 'not_startable',
  temp_dir_unusable: 'not_startable',
  shell_tool_missing: 'not_startable',
  cli_version_too_old: 'not_startable',
  sandbox_required_unavailable: 'not_startable',
  initialize_not_first: 'not_startable',
  config_file_invalid: 'not_startable',
  initialize_fields_not_delivered: 'not_startable',
};

/** The failures that no retry can mend; Claude Code itself would go on trying for minutes. */
const HOPELESS: ReadonlySet<EngineFailure> = new Set(['auth_failed', 'billing_error']);

export function failureOfHopelessRetry(error: SDKAssistantMessageError): EngineFailure | null {
  const failure = OF_API_ERROR[error];
  return HOPELESS.has(failure) ? failure : null;
}

export interface ResultContext {
  /** The error of the last API error message of this turn. */
  apiError: SDKAssistantMessageError | null;
  /** When the usage limit that refused the request ends, in seconds since 1970; null when no limit was told. */
  limitResetsAt: number | null;
  /** That limit is one of the model alone. */
  limitIsOfModel: boolean;
  /** The wait before the last retry of this turn; with a `retry-after` of the API, that. */
  lastRetryDelayMs: number | null;
  /** An existing conversation was asked for, and Claude Code never announced that it took it up. */
  lostConversation: boolean;
}

/** A final API error comes as `subtype: 'success'` with `is_error`: the subtype alone says nothing. */
export function outcomeOfResult(result: SDKResultMessage, context: ResultContext): TurnOutcome {
  const reason =
    result.terminal_reason === undefined ? undefined : OF_TERMINAL_REASON[result.terminal_reason];
  if (reason === 'interrupted') return { kind: 'interrupted' };
  if (result.subtype === 'success' && !result.is_error) return { kind: 'success' };
  return { kind: 'failed', message: messageOf(result), ...withTimes(failureOf(result, context), context) };
}

/** Claude Code tells a usage limit of the account apart from a mere rate limit by its reset. */
function withTimes(
  failure: EngineFailure,
  { limitResetsAt, limitIsOfModel, lastRetryDelayMs }: ResultContext,
): Omit<RunFailure, 'message'> {
  if (failure === 'rate_limited' && limitResetsAt !== null) {
    return {
      failure: 'usage_limit',
      resetsAt: new Date(limitResetsAt * 1000).toISOString(),
      ...(limitIsOfModel ? { ofModel: true } : {}),
    };
  }
  return { failure, ...(lastRetryDelayMs === null ? {} : { retryAfterMs: lastRetryDelayMs }) };
}

function failureOf(result: SDKResultMessage, context: ResultContext): EngineFailure {
  switch (result.subtype) {
    case 'error_max_turns':
      return 'max_turns';
    case 'error_max_budget_usd':
      return 'max_cost';
    case 'error_max_structured_output_retries':
      return 'model_failed';
    case 'error_during_execution':
      if (result.startup_failure_reason !== undefined) {
        // A newer CLI may know reasons that this table does not.
        return OF_STARTUP_FAILURE[result.startup_failure_reason] ?? 'not_startable';
      }
      if (context.lostConversation) return 'session_lost';
      break;
    case 'success': {
      const byStatus = result.api_error_status ? failureOfStatus(result.api_error_status) : null;
      // The status is what the API said, and Claude Code calls an overload a server error in its last word. The name
      // adds what a status cannot tell, such as an empty balance.
      if (byStatus === 'auth_failed' || byStatus === 'overloaded') return byStatus;
      const byName = context.apiError === null ? 'unknown' : OF_API_ERROR[context.apiError];
      if (byName !== undefined && byName !== 'unknown') return byName;
      if (byStatus !== null) return byStatus;
      break;
    }
  }
  const reason =
    result.terminal_reason === undefined ? 'unknown' : OF_TERMINAL_REASON[result.terminal_reason];
  return reason === undefined || reason === 'interrupted' ? 'unknown' : reason;
}

export function failureOfStatus(status: number): EngineFailure {
  if (status === 401 || status === 403) return 'auth_failed';
  if (status === 402) return 'billing_error';
  if (status === 429) return 'rate_limited';
  if (status === 503 || status === 529) return 'overloaded';
  return status >= 400 && status < 500 ? 'invalid_request' : 'provider_error';
}

function messageOf(result: SDKResultMessage): string {
  if (result.subtype === 'success') return result.result;
  const errors = result.errors.map((error) => error.trim()).filter((error) => error !== '');
  return errors.length > 0 ? errors.join('; ') : FALLBACK_MESSAGES[result.subtype];
}

const FALLBACK_MESSAGES = {
  error_max_turns: 'The limit of turns was reached.',
  error_max_budget_usd: 'The cost limit was reached.',
  error_max_structured_output_retries: 'The model did not produce the structured output that was asked for.',
  error_during_execution: 'Claude Code ended the turn with an error.',
} as const;
