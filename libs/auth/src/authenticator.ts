import { Injectable } from '@nestjs/common';
import type { Caller } from './access.js';
import type { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeyRepository, type StoredKey } from './api-key.repository.js';
import { Clock } from './clock.js';
import { KeyRevocations } from './key-revocations.js';
import { describeSecret, hasForm, sameHash } from './key-secret.js';
import { KeyUse } from './key-use.js';
import { readLoginCookie } from './login-cookie.js';
import { ShortCache } from './short-cache.js';

export interface Credentials {
  /** The `Authorization` header. When there is one, nothing else is looked at. */
  authorization?: string | undefined;
  /** The whole `Cookie` header. */
  cookie?: string | undefined;
  /** A key given by itself, as in the `auth` of a socket's handshake. */
  key?: string | undefined;
}

/**
 * Turns what a request or a socket's handshake shows into a caller. `null` means: nobody we know, or no longer. It
 * throws only when the database cannot be asked. It does not judge where the request comes from: a cookie counts
 * only together with `OriginPolicy`.
 */
@Injectable()
export class Authenticator {
  private readonly byHash: ShortCache<StoredKey>;
  private readonly byId: ShortCache<StoredKey>;

  constructor(
    private readonly repository: ApiKeyRepository,
    private readonly use: KeyUse,
    private readonly clock: Clock,
    revocations: KeyRevocations,
  ) {
    this.byHash = new ShortCache(clock);
    this.byId = new ShortCache(clock);
    revocations.subscribe(() => {
      this.byHash.clear();
      this.byId.clear();
    });
  }

  async authenticate(credentials: Credentials): Promise<Caller | null> {
    const { authorization, cookie, key } = credentials;
    if (authorization !== undefined) {
      const token = /^Bearer +(\S+)$/i.exec(authorization)?.[1];
      return token === undefined ? null : this.verify(token, 'key');
    }
    if (key !== undefined) return this.verify(key, 'key');
    const login = readLoginCookie(cookie);
    return login === null ? null : this.verify(login, 'login');
  }

  /** Whether a caller known from before may go on. For long connections, which ask every few seconds. */
  async stillValid(caller: Pick<Caller, 'key_id' | 'login_id'>): Promise<boolean> {
    const id = caller.login_id ?? caller.key_id;
    const stored = await this.byId.get(id, () => this.repository.findById(id));
    return stored !== null && this.usableKey(stored) !== null;
  }

  private async verify(secret: string, kind: 'key' | 'login'): Promise<Caller | null> {
    if (!hasForm(secret, kind)) return null;
    const { hash } = describeSecret(secret);
    const stored = await this.byHash.get(hash, () => this.repository.findByHash(hash));
    if (!stored || stored.row.kind !== kind || !sameHash(stored.row.key_hash, hash)) return null;
    const key = this.usableKey(stored);
    if (!key) return null;
    this.use.note(key.key_id);
    const { key_id, name, role } = key;
    return kind === 'key'
      ? { key_id, name, role, via: 'bearer' }
      : { key_id, name, role, via: 'cookie', login_id: stored.row.key_id };
  }

  /** The key that speaks: the row itself, or the one its login was made from. */
  private usableKey({ row, parent }: StoredKey): ApiKeyEntity | null {
    const key = row.kind === 'login' ? parent : row;
    return key && this.isUsable(row) && this.isUsable(key) ? key : null;
  }

  private isUsable({ revoked_at, expires_at }: ApiKeyEntity): boolean {
    return (
      revoked_at === null && (expires_at === null || Date.parse(expires_at) > this.clock.now().getTime())
    );
  }
}
