import { Injectable } from '@nestjs/common';
import { Database } from '@app/database';
import { In, IsNull, LessThan, MoreThan, type EntityManager } from 'typeorm';
import { ApiKeyEntity } from './api-key.entity.js';

/** A secret's row, and for a login the key it was made from. */
export interface StoredKey {
  row: ApiKeyEntity;
  parent: ApiKeyEntity | null;
}

@Injectable()
export class ApiKeyRepository {
  constructor(private readonly database: Database) {}

  async findByHash(hash: string): Promise<StoredKey | null> {
    return this.withParent(await this.database.read.findOneBy(ApiKeyEntity, { key_hash: hash }));
  }

  async findById(keyId: string): Promise<StoredKey | null> {
    return this.withParent(await this.database.read.findOneBy(ApiKeyEntity, { key_id: keyId }));
  }

  async insert(row: ApiKeyEntity): Promise<void> {
    await this.database.write((manager) => manager.insert(ApiKeyEntity, row));
  }

  /** A new login; those that ended by themselves go. */
  async insertLogin(row: ApiKeyEntity): Promise<void> {
    await this.database.write(async (manager) => {
      await manager.delete(ApiKeyEntity, { kind: 'login', expires_at: LessThan(row.created_at) });
      await manager.insert(ApiKeyEntity, row);
    });
  }

  /** Keys of programs, newest first, at most `limit`. */
  listKeys(limit: number, olderThan: string | null): Promise<ApiKeyEntity[]> {
    return this.database.read.find(ApiKeyEntity, {
      where: { kind: 'key', ...(olderThan === null ? {} : { key_id: LessThan(olderThan) }) },
      order: { key_id: 'DESC' },
      take: limit,
    });
  }

  async anyUsableAdmin(now: string): Promise<boolean> {
    return (await this.usableAdmins(this.database.read, now)).length > 0;
  }

  /**
   * Stores the row that `make` gives, unless an admin key can be used by now. Two servers that start at the same
   * time make one key, because the second waits and then finds it.
   */
  insertFirstAdmin(now: string, make: () => Promise<ApiKeyEntity>): Promise<boolean> {
    return this.alone(async (manager) => {
      if ((await this.usableAdmins(manager, now)).length > 0) return false;
      await manager.insert(ApiKeyEntity, await make());
      return true;
    });
  }

  /** Ends a key and its logins, unless nobody could administer the service afterwards. */
  revokeKey(keyId: string, now: string): Promise<'revoked' | 'unknown' | 'last_admin'> {
    return this.alone(async (manager) => {
      const row = await manager.findOneBy(ApiKeyEntity, { key_id: keyId, kind: 'key' });
      if (!row) return 'unknown';
      const admins = await this.usableAdmins(manager, now);
      if (admins.length === 1 && admins[0]?.key_id === keyId) return 'last_admin';
      await manager.update(ApiKeyEntity, { key_id: keyId, revoked_at: IsNull() }, { revoked_at: now });
      await manager.delete(ApiKeyEntity, { kind: 'login', parent_key_id: keyId });
      return 'revoked';
    });
  }

  async removeLogin(loginId: string): Promise<void> {
    await this.database.write((manager) => manager.delete(ApiKeyEntity, { key_id: loginId, kind: 'login' }));
  }

  async markUsed(keyIds: string[], at: string): Promise<void> {
    await this.database.write((manager) =>
      manager.update(ApiKeyEntity, { key_id: In(keyIds) }, { last_used_at: at }),
    );
  }

  private async withParent(row: ApiKeyEntity | null): Promise<StoredKey | null> {
    if (!row || row.kind === 'key') return row && { row, parent: null };
    const parent = await this.database.read.findOneBy(ApiKeyEntity, { key_id: row.parent_key_id ?? '' });
    return { row, parent };
  }

  private usableAdmins(manager: EntityManager, now: string): Promise<ApiKeyEntity[]> {
    const admin = { kind: 'key' as const, role: 'admin' as const, revoked_at: IsNull() };
    return manager.find(ApiKeyEntity, {
      where: [
        { ...admin, expires_at: IsNull() },
        { ...admin, expires_at: MoreThan(now) },
      ],
      take: 2,
    });
  }

  /** Decisions about "the last one" must not run side by side. SQLite has one writer anyway. */
  private alone<T>(work: (manager: EntityManager) => Promise<T>): Promise<T> {
    return this.database.write(async (manager) => {
      if (this.database.dialect === 'postgres')
        await manager.query('LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE');
      return work(manager);
    });
  }
}
