import type { Verdict } from '../credential-health.js';
import type { ProviderAnswer } from './ask-provider.js';

export interface Judgement {
  verdict: Verdict;
  /** When the limit ends; of `limited` alone. */
  limitedUntil: string | null;
  /** In our words: nothing of the provider's answer is repeated but its status. */
  message: string;
}

/** Without a word of the provider, the time after which asking again makes sense. */
const UNKNOWN_LIMIT_MS = 60_000;
/** Further ahead no provider limits anybody: such an instant is a mistake, and would put an account away for good. */
const LONGEST_LIMIT_MS = 35 * 24 * 3600 * 1000;

/** What every provider means by its status alone. `resets`: how this one says when a limit ends, in ms since 1970. */
export function judge(
  answer: ProviderAnswer,
  nowMs: number,
  resets: (nowMs: number) => number | null,
): Judgement {
  if (answer.kind === 'silence') {
    return unreachable(
      answer.why === 'timeout'
        ? 'The provider did not answer in time. Check the network and the address in the settings, then try again.'
        : 'The provider cannot be reached. Check the network and the address in the settings, then try again.',
    );
  }
  const { status } = answer;
  if (status >= 200 && status < 300) return valid();
  if (status === 429) return limited(nowMs, resets(nowMs));
  if (status === 401 || status === 403) {
    return invalid(`The provider refused the credential (${status}). Store another one.`);
  }
  if (status === 402) {
    return invalid('The account of the credential cannot be billed (402). Check its plan and balance.');
  }
  return unreachable(
    status >= 500
      ? `The provider has a problem of its own (${status}). Try again later.`
      : `What answers at the address in the settings is not the API of the provider (${status}). Check the address.`,
  );
}

export function valid(): Judgement {
  return { verdict: 'valid', limitedUntil: null, message: 'The provider accepts the credential.' };
}

export function limited(nowMs: number, endMs: number | null): Judgement {
  const known = endMs !== null && endMs > nowMs && endMs < nowMs + LONGEST_LIMIT_MS;
  const limitedUntil = new Date(known ? endMs : nowMs + UNKNOWN_LIMIT_MS).toISOString();
  return {
    verdict: 'limited',
    limitedUntil,
    message: `The provider accepts the credential, but its limit is reached until ${limitedUntil}.`,
  };
}

function invalid(message: string): Judgement {
  return { verdict: 'invalid', limitedUntil: null, message };
}

function unreachable(message: string): Judgement {
  return { verdict: 'unreachable', limitedUntil: null, message };
}

/** `Retry-After` in seconds or as a date; null when there is none. */
export function retryAfter(header: string | null, nowMs: number): number | null {
  if (header === null) return null;
  const atMs = /^\d{1,9}$/.test(header) ? nowMs + Number(header) * 1000 : Date.parse(header);
  return Number.isNaN(atMs) ? null : atMs;
}

/** An instant in seconds since 1970, as limits are told in headers. */
export function secondsSinceEpoch(header: string | null): number | null {
  return header !== null && /^\d{1,12}$/.test(header) ? Number(header) * 1000 : null;
}
