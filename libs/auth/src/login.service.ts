import { Injectable } from '@nestjs/common';
import { AppError } from '@app/contracts';
import type { Caller } from './access.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { keyRow } from './api-key.service.js';
import { Authenticator } from './authenticator.js';
import { BadLogins } from './bad-logins.js';
import { Clock } from './clock.js';
import { KeyRevocations } from './key-revocations.js';
import { makeSecret } from './key-secret.js';
import { LOGIN_DAYS } from './login-cookie.js';

/**
 * Exchanges a key for a login: a secret of its own kind, which a browser keeps in a cookie that scripts cannot
 * read. The key itself is not kept in the browser, and a login ends without ending the key.
 */
@Injectable()
export class LoginService {
  constructor(
    private readonly authenticator: Authenticator,
    private readonly repository: ApiKeyRepository,
    private readonly badLogins: BadLogins,
    private readonly revocations: KeyRevocations,
    private readonly clock: Clock,
  ) {}

  /** `address`: of the network connection, never of a header. */
  async logIn(key: string, address: string): Promise<{ token: string; expiresAt: Date; caller: Caller }> {
    const caller = await this.authenticator.authenticate({ key });
    if (!caller) {
      this.badLogins.note(address);
      throw new AppError(
        'UNAUTHENTICATED',
        'This API key is not valid. Copy it again, or ask for a new one.',
      );
    }
    const secret = makeSecret('login');
    const now = this.clock.now();
    const expiresAt = new Date(now.getTime() + LOGIN_DAYS * 86_400_000);
    const { key_id: parentKeyId, name, role } = caller;
    const row = keyRow('login', secret, { name, role, createdAt: now, expiresAt, parentKeyId });
    await this.repository.insertLogin(row);
    return { token: secret.secret, expiresAt, caller: { ...caller, via: 'cookie', login_id: row.key_id } };
  }

  /** Ends the login the request came with; a program's key has none and stays as it is. */
  async logOut(caller: Caller): Promise<void> {
    if (caller.login_id === undefined) return;
    await this.repository.removeLogin(caller.login_id);
    this.revocations.announce({ key_id: caller.key_id, login_id: caller.login_id });
  }
}
