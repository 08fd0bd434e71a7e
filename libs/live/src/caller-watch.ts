import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { Authenticator, KeyRevocations, type Caller } from '@app/auth';

const ASK_EVERY_MS = 2000;

interface Held {
  caller: Caller;
  drop: () => void;
}

/**
 * Ends long connections whose key or login is no longer valid: at once when it was revoked in this process, within
 * three seconds when it was elsewhere, or expired.
 */
@Injectable()
export class CallerWatch implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger(CallerWatch.name);
  private readonly held = new Set<Held>();
  private timer: NodeJS.Timeout | undefined;
  private asking = false;
  private unsubscribe: () => void = () => undefined;

  constructor(
    private readonly authenticator: Authenticator,
    private readonly revocations: KeyRevocations,
  ) {}

  onApplicationBootstrap(): void {
    this.unsubscribe = this.revocations.subscribe(({ key_id, login_id }) =>
      this.dropWhere(({ caller }) =>
        login_id === null ? caller.key_id === key_id : caller.login_id === login_id,
      ),
    );
    this.timer = setInterval(() => void this.ask(), ASK_EVERY_MS);
  }

  onApplicationShutdown(): void {
    this.unsubscribe();
    clearInterval(this.timer);
  }

  /** Calls `drop` once when the caller may no longer be served; returns the function that ends the watch. */
  hold(caller: Caller, drop: () => void): () => void {
    const held = { caller, drop };
    this.held.add(held);
    return () => this.held.delete(held);
  }

  /** Asks for each key and login once, however many connections it has. */
  async ask(): Promise<void> {
    if (this.asking) return;
    this.asking = true;
    try {
      const callers = new Map([...this.held].map(({ caller }) => [idOf(caller), caller]));
      for (const [id, caller] of callers) {
        if (!(await this.authenticator.stillValid(caller))) {
          this.dropWhere((held) => idOf(held.caller) === id);
        }
      }
    } catch (error) {
      this.logger.warn({ err: error }, 'connections could not be checked again');
    } finally {
      this.asking = false;
    }
  }

  private dropWhere(isMeant: (held: Held) => boolean): void {
    for (const held of [...this.held].filter(isMeant)) {
      this.held.delete(held);
      held.drop();
    }
  }
}

function idOf({ key_id, login_id }: Caller): string {
  return login_id ?? key_id;
}
