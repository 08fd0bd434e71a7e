/**
 * Why a task stands where it stands: `tasks.status_reason`. Each code has a title a person reads first,
 * a remedy that says what to do, and whether the same task may succeed when it is run again unchanged.
 */
export interface Reason {
  readonly title: string;
  readonly remedy: string;
  readonly retryable: boolean;
}

export const REASONS = {
  credentials_missing: {
    title: 'No Claude credential is stored',
    remedy:
      'Store one with POST /api/credentials {"api_key":"sk-ant-…"}, or set ANTHROPIC_API_KEY, then retry the task.',
    retryable: true,
  },
  credentials_unreadable: {
    title: 'The stored Claude credential cannot be decrypted',
    remedy: 'Give the service the master key the credential was stored with, or store the credential again.',
    retryable: true,
  },
  auth_failed: {
    title: 'Claude refused the credential',
    remedy: 'Replace the key or token with POST /api/credentials, then retry the task.',
    retryable: true,
  },
  billing_error: {
    title: 'The Claude account cannot be billed',
    remedy: 'Check the credit balance and plan of the Claude account, then retry the task.',
    retryable: true,
  },
  rate_limited: {
    title: 'Claude limited the rate of requests',
    remedy: 'Wait a little and retry the task; lower MAX_CONCURRENT_TASKS if it happens often.',
    retryable: true,
  },
  usage_limit: {
    title: 'The usage limit of the Claude account was reached',
    remedy: 'Retry the task after the reset that its error names, or use another credential.',
    retryable: true,
  },
  waiting_quota: {
    title: 'Waits until the usage limit of the Claude account is reset',
    remedy: 'Nothing to do: the task goes on by itself at that time. Cancel it if that is too late.',
    retryable: true,
  },
  overloaded: {
    title: 'Claude is overloaded',
    remedy: 'Wait a little and retry the task.',
    retryable: true,
  },
  invalid_request: {
    title: 'Claude refused the request',
    remedy: 'Read the error of the task: the model name, the size of the input or a setting is not accepted.',
    retryable: false,
  },
  provider_error: {
    title: 'The Claude API failed',
    remedy: 'Retry the task; check the connection to the API if it happens again.',
    retryable: true,
  },
  model_failed: {
    title: 'The model gave no usable answer',
    remedy: 'Retry the task, split the work into smaller steps, or use another model.',
    retryable: true,
  },
  max_turns: {
    title: 'The limit of turns was reached',
    remedy: 'Go on with another task in the same session, or raise limits.max_turns.',
    retryable: false,
  },
  max_cost: {
    title: 'The cost limit was reached',
    remedy: 'Go on with another task in the same session, or raise limits.max_cost_usd.',
    retryable: false,
  },
  timeout: {
    title: 'The time limit was reached',
    remedy: 'Split the work, or raise limits.timeout_seconds or TASK_TIMEOUT_SECONDS.',
    retryable: true,
  },
  idle_timeout: {
    title: 'Claude Code said nothing for too long',
    remedy:
      'Read the end of the log: a command may wait for input. Retry the task, or raise limits.idle_seconds or IDLE_TIMEOUT_SECONDS.',
    retryable: true,
  },
  session_lost: {
    title: 'The conversation to continue was not found',
    remedy: 'Start the work in a new session; check that DATA_DIR/claude is on the persistent volume.',
    retryable: false,
  },
  agent_missing: {
    title: 'The agent no longer exists',
    remedy: 'Upload the agent again or submit the task with another agent.',
    retryable: true,
  },
  agent_invalid: {
    title: 'The agent cannot be loaded',
    remedy: 'Read the error of the task, mend the agent and upload it again.',
    retryable: true,
  },
  prompt_missing: {
    title: 'The task has no prompt',
    remedy: 'Submit a task with a prompt.',
    retryable: false,
  },
  workspace_failed: {
    title: 'The workspace could not be prepared',
    remedy: 'Check that DATA_DIR/workspaces is writable and has free space.',
    retryable: true,
  },
  storage_full: {
    title: 'The storage of the service is full',
    remedy: 'Free some space on the volume of DATA_DIR, or of the database, then retry the task.',
    retryable: true,
  },
  database_unavailable: {
    title: 'The database did not answer',
    remedy: 'Check the database, then retry the task.',
    retryable: true,
  },
  engine_failed: {
    title: 'Claude Code ended with an error',
    remedy: 'Read the log of the task; run `claude-agent doctor` if it never starts.',
    retryable: true,
  },
  worker_lost: {
    title: 'The worker that ran the task was lost',
    remedy: 'Retry the task; look for crashes or missing memory on that machine.',
    retryable: true,
  },
  crash_loop: {
    title: 'Every attempt lost its worker',
    remedy:
      'The task probably brings its worker down: look at the memory of the machine and at the log of the task before you retry it.',
    retryable: false,
  },
  worker_shutdown: {
    title: 'The worker was shut down and handed the task back',
    remedy: 'Nothing to do: another worker continues the task.',
    retryable: true,
  },
  internal_error: {
    title: 'The service itself made a mistake',
    remedy: 'Read the log of the worker; please report it.',
    retryable: true,
  },
  cancelled_by_user: {
    title: 'Cancelled on request',
    remedy: 'Nothing to do; the session can be continued with another task.',
    retryable: true,
  },
} as const satisfies Record<string, Reason>;

export type ReasonCode = keyof typeof REASONS;

/** Rows made by hand may carry any text: those get no explanation. */
export function explainReason(code: string | null | undefined): (Reason & { code: ReasonCode }) | null {
  return isReasonCode(code) ? { code, ...REASONS[code] } : null;
}

function isReasonCode(code: string | null | undefined): code is ReasonCode {
  return typeof code === 'string' && Object.hasOwn(REASONS, code);
}
