import { Injectable } from '@nestjs/common';

/** `login_id` null: the key is revoked, and with it all logins made from it. Otherwise that one login ended. */
export interface KeyRevoked {
  key_id: string;
  login_id: string | null;
}

/**
 * Tells this process that a key or login stopped being valid, after the change was committed. Other processes
 * are not told from here: they find out by asking the database, at the latest a second after.
 */
@Injectable()
export class KeyRevocations {
  private readonly handlers = new Set<(revoked: KeyRevoked) => void>();

  /** Returns the function that ends the subscription. Handlers must not throw. */
  subscribe(handler: (revoked: KeyRevoked) => void): () => void {
    this.handlers.add(handler);
    return () => this.handlers.delete(handler);
  }

  announce(revoked: KeyRevoked): void {
    for (const handler of this.handlers) handler(revoked);
  }
}
