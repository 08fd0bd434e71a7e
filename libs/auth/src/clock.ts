import { Injectable } from '@nestjs/common';

/** The time, as something tests can turn. */
@Injectable()
export class Clock {
  now(): Date {
    return new Date();
  }

  /** Milliseconds that never jump; only differences mean something. */
  monotonicMs(): number {
    return performance.now();
  }
}
