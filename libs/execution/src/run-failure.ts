import type { ReasonCode } from '@app/contracts';

/** Why a run did not end well, in the words of a task. */
export interface RunFailure {
  reason: ReasonCode;
  message: string;
  /** How long the provider asked to wait before the next try. */
  retryAfterMs?: number;
  /** The instant (ISO) at which a usage limit ends, when it is known. */
  resetsAt?: string;
  /** The usage limit is one of the model alone: the account goes on serving others. */
  ofModel?: boolean;
}
