import { Entity } from 'typeorm';
import { IdColumn, InstantColumn, NameColumn } from '@app/database';
import type { Role } from '@app/contracts';

/** `key`: made by an administrator, given to a program. `login`: made by the server, held by a browser's cookie. */
export type ApiKeyKind = 'key' | 'login';

@Entity('api_keys')
export class ApiKeyEntity {
  @IdColumn({ primary: true })
  key_id: string;

  @NameColumn()
  name: string;

  /** Of a login: the role its key had then. What counts is the role the key has now. */
  @NameColumn()
  role: Role;

  @NameColumn()
  kind: ApiKeyKind;

  /** Of a login: the key it was made from. */
  @IdColumn({ nullable: true })
  parent_key_id: string | null;

  /** SHA-256, hex. A slow hash protects guessable passwords; 256 random bits need none. */
  @NameColumn()
  key_hash: string;

  @NameColumn()
  key_tail: string;

  @InstantColumn()
  created_at: string;

  @InstantColumn({ nullable: true })
  expires_at: string | null;

  /** To the minute: see `KeyUse`. */
  @InstantColumn({ nullable: true })
  last_used_at: string | null;

  @InstantColumn({ nullable: true })
  revoked_at: string | null;
}
