import { Injectable } from '@nestjs/common';
import { AppError, type Role } from '@app/contracts';
import { newId } from '@app/database';
import { ApiKeyEntity, type ApiKeyKind } from './api-key.entity.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { Clock } from './clock.js';
import { KeyRevocations } from './key-revocations.js';
import { makeSecret, type KeySecret } from './key-secret.js';

export interface NewKey {
  name: string;
  role: Role;
  expires_at?: string;
}

@Injectable()
export class ApiKeyService {
  constructor(
    private readonly repository: ApiKeyRepository,
    private readonly revocations: KeyRevocations,
    private readonly clock: Clock,
  ) {}

  /** The key itself is in the answer and nowhere else. */
  async create(wanted: NewKey): Promise<{ row: ApiKeyEntity; key: string }> {
    const now = this.clock.now();
    const expiresAt = wanted.expires_at === undefined ? null : new Date(wanted.expires_at);
    if (expiresAt && expiresAt <= now) {
      const details = [{ field: 'expires_at', message: 'must lie in the future' }];
      throw new AppError('VALIDATION_FAILED', 'expires_at must lie in the future.', { details });
    }
    const secret = makeSecret('key');
    const row = keyRow('key', secret, { name: wanted.name, role: wanted.role, createdAt: now, expiresAt });
    await this.repository.insert(row);
    return { row, key: secret.secret };
  }

  /** Newest first. `cursor` is the last `key_id` of the page before. */
  async list(
    limit: number,
    cursor: string | null,
  ): Promise<{ items: ApiKeyEntity[]; next_cursor: string | null }> {
    const rows = await this.repository.listKeys(limit + 1, cursor);
    const items = rows.slice(0, limit);
    return { items, next_cursor: rows.length > limit ? (items.at(-1)?.key_id ?? null) : null };
  }

  /** Revoking twice is no mistake. */
  async revoke(keyId: string): Promise<void> {
    const outcome = await this.repository.revokeKey(keyId, this.clock.now().toISOString());
    if (outcome === 'unknown') throw new AppError('KEY_NOT_FOUND', 'There is no API key with this id.');
    if (outcome === 'last_admin') {
      throw new AppError(
        'LAST_ADMIN_KEY',
        'This is the last admin key. Make another one first, then revoke this one.',
      );
    }
    this.revocations.announce({ key_id: keyId, login_id: null });
  }
}

interface KeyFacts {
  name: string;
  role: Role;
  createdAt: Date;
  expiresAt: Date | null;
  parentKeyId?: string;
}

export function keyRow(kind: ApiKeyKind, secret: KeySecret, facts: KeyFacts): ApiKeyEntity {
  return Object.assign(new ApiKeyEntity(), {
    key_id: newId(),
    name: facts.name,
    role: facts.role,
    kind,
    parent_key_id: facts.parentKeyId ?? null,
    key_hash: secret.hash,
    key_tail: secret.tail,
    created_at: facts.createdAt.toISOString(),
    expires_at: facts.expiresAt?.toISOString() ?? null,
    last_used_at: null,
    revoked_at: null,
  });
}
