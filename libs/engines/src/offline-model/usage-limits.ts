import type { StepError, StepUsageLimit } from './script.js';

export interface Refusal {
  error: StepError;
  headers: Record<string, string>;
}

/** Usage limits that began with a first request and end at an instant of their own, as those of a subscription do. */
export class UsageLimits {
  readonly #resetsAt = new Map<string, number>();

  /** `step`: which limit; `key`: whose. Null when the limit is over, or does not hold for that key. */
  check(step: string, key: string, { seconds, forKey = '', claim }: StepUsageLimit): Refusal | null {
    if (!key.startsWith(forKey)) return null;
    const now = Date.now() / 1000;
    const which = `${step}|${key}`;
    const resetsAt = this.#resetsAt.get(which) ?? Math.ceil(now + seconds);
    this.#resetsAt.set(which, resetsAt);
    if (now >= resetsAt) return null;
    return {
      error: {
        status: 429,
        type: 'rate_limit_error',
        message: "This request would exceed your account's rate limit. Please try again later.",
      },
      // What the Claude API tells subscriptions; Claude Code shows it as `rate_limit_event`.
      headers: {
        'anthropic-ratelimit-unified-status': 'rejected',
        'anthropic-ratelimit-unified-reset': String(resetsAt),
        'anthropic-ratelimit-unified-representative-claim': claim ?? 'five_hour',
      },
    };
  }
}
