import type { ApiKeyShape, Role } from '@app/contracts';
import type { ApiKeyEntity } from './api-key.entity.js';

export class ApiKeyView implements ApiKeyShape {
  key_id: string;
  name: string;
  role: Role;
  /** The last four characters of the key. */
  key_tail: string;
  created_at: string;
  expires_at: string | null;
  /** To the minute. */
  last_used_at: string | null;
  revoked_at: string | null;

  static of(row: ApiKeyEntity): ApiKeyView {
    const { key_id, name, role, key_tail, created_at, expires_at, last_used_at, revoked_at } = row;
    return { key_id, name, role, key_tail, created_at, expires_at, last_used_at, revoked_at };
  }
}

export class CreatedApiKeyView extends ApiKeyView {
  /** The key itself. It is shown this once and cannot be had again. */
  key: string;
}

export class ApiKeyListView {
  items: ApiKeyView[];
  next_cursor: string | null;
}
