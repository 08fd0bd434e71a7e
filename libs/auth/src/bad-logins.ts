import { Injectable } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { Clock } from './clock.js';

const ALLOWED = 10;
const WINDOW_MS = 60_000;
const MOST_ADDRESSES = 10_000;

/**
 * Counts failed logins per address, in this process. A right key is always let in: behind a proxy all people share
 * one address, and a neighbour's typing must not lock them out. Guessing 256 bits is hopeless at any speed; the
 * limit keeps a broken client from hammering on.
 */
@Injectable()
export class BadLogins {
  private readonly windows = new Map<string, { count: number; startedMs: number }>();

  constructor(private readonly clock: Clock) {}

  /** Throws RATE_LIMITED from the eleventh failure within a minute. */
  note(address: string): void {
    const nowMs = this.clock.monotonicMs();
    const known = this.windows.get(address);
    const window = known && nowMs - known.startedMs < WINDOW_MS ? known : { count: 0, startedMs: nowMs };
    window.count += 1;
    this.windows.delete(address);
    const [oldest] = this.windows.keys();
    if (oldest !== undefined && this.windows.size >= MOST_ADDRESSES) this.windows.delete(oldest);
    this.windows.set(address, window);
    if (window.count <= ALLOWED) return;
    const retryAfterSeconds = Math.ceil((window.startedMs + WINDOW_MS - nowMs) / 1000);
    throw new AppError('RATE_LIMITED', `Too many failed logins. Try again in ${retryAfterSeconds} s.`, {
      retryAfterSeconds,
    });
  }
}
