import type { ReasonCode } from '@app/contracts';

/** What happened to the run before, as the end of a sentence. */
const HAPPENED: Partial<Record<ReasonCode, string>> = {
  worker_lost: 'the worker that ran the task was lost',
  worker_shutdown: 'the worker that ran the task was shut down',
  rate_limited: 'Claude limited the rate of requests',
  overloaded: 'Claude was overloaded',
  provider_error: 'the Claude API failed',
  usage_limit: 'the usage limit of the Claude account was reached',
  auth_failed: 'Claude refused the credential',
  billing_error: 'the Claude account could not be billed',
  database_unavailable: 'the database did not answer',
  waiting_quota: 'the usage limit of the Claude account was reached',
};

/** What happened to the run before; null at the first run. */
export function interruptionOf(releasedFor: ReasonCode | null): string | null {
  return releasedFor && (HAPPENED[releasedFor] ?? 'the run before was interrupted');
}

/** What the start of another run says about itself; nothing at the first run. */
export function storyOfStart(
  releasedFor: ReasonCode | null,
  resumed: boolean,
): { resume_reason?: ReasonCode; title?: string } {
  const happened = interruptionOf(releasedFor);
  if (!releasedFor || !happened) return {};
  const title = resumed
    ? `Goes on with its conversation, because ${happened}`
    : `Starts anew, because ${happened} before the model had answered: there is no conversation to go on with`;
  return { resume_reason: releasedFor, title };
}

interface Interrupted {
  /** Null at the first run. */
  happened: string | null;
  resumes: boolean;
  /** What people said to the run before; it may not have read all of it. */
  messages: readonly string[];
}

/** The conversation holds the task and what was done: repeating the task alone would start it over. */
export function promptOf(prompt: string, { happened, resumes, messages }: Interrupted): string {
  const story = happened && resumes ? [...continuation(happened), prompt] : [prompt];
  if (messages.length === 0) return story.join('\n');
  const heard = resumes ? 'you may have read some of them already' : 'sent while you were to begin';
  return [...story, '', `Messages from the user, oldest first (${heard}):`, ...messages].join('\n');
}

const continuation = (happened: string): string[] => [
  `You were interrupted while you were working on the task below: ${happened}.`,
  'Look at what is done already, then go on from there; do not start over.',
  '',
];
