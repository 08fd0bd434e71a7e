import type { ReasonCode } from '@app/contracts';

/** A run that cannot start, for a reason a person can act on. */
export class TaskFailure extends Error {
  constructor(
    readonly reason: ReasonCode,
    message: string,
    /** The instant (ISO) at which a usage limit ends. */
    readonly resetsAt?: string,
  ) {
    super(message);
    this.name = 'TaskFailure';
  }
}
