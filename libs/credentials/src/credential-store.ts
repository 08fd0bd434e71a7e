import { Logger, type OnModuleInit } from '@nestjs/common';
import { chmod } from 'node:fs/promises';
import { AppError } from '@app/contracts';
import { newId } from '@app/database';
import { joinPath, type Paths } from '@app/paths';
import { errorCodeOf, type DataFiles } from '@app/storage';
import type { CredentialAudit } from './credential-audit.js';
import { sealCredential, type CredentialFacts, type CredentialFile } from './credential-file.js';
import type { CredentialFolder } from './credential-folder.js';
import type { CredentialHealth } from './credential-health.js';
import type { CredentialList } from './credential-list.js';
import { fileNameOf, refOf, type CredentialRef } from './credential-ref.js';
import { maskSecret, type CredentialKind } from './credential.js';
import type { CredentialView } from './credential.view.js';
import type { CredentialsLock } from './credentials-lock.js';
import type { Keyring } from './keyring.js';

export interface NewCredential {
  kind: CredentialKind;
  /** Checked by `checkSecret`. */
  secret: string;
  /** Undefined: as it was, else 0. */
  priority: number | undefined;
  email: string | undefined;
  /** Who stores it. */
  by: string;
}

/** What the credentials are made of; each is a file or a few of the one folder. */
export interface StoreParts {
  paths: Paths;
  files: DataFiles;
  lock: CredentialsLock;
  folder: CredentialFolder;
  keyring: Keyring;
  health: CredentialHealth;
  audit: CredentialAudit;
  list: CredentialList;
}

/**
 * Changes the stored credentials, encrypted under /data/credentials. Nothing is kept in memory: what one process stores
 * or deletes, the next run of every process sees. Of two that store under one label at once, one is there afterwards.
 */
export class CredentialStore implements OnModuleInit {
  private readonly logger = new Logger(CredentialStore.name);

  constructor(private readonly parts: StoreParts) {}

  /** Puts permissions right that a copy or a restore made too wide, and says early when a credential is unusable. */
  async onModuleInit(): Promise<void> {
    const { files, folder, paths, list } = this.parts;
    await files.ensureFolder(paths.credentials, 0o700);
    await files.recover(paths.credentials);
    const names = (await folder.refs()).map(fileNameOf);
    for (const name of [...OWN_FILES, ...names]) {
      await chmod(joinPath(paths.credentials, name), 0o600).catch((error: unknown) => {
        if (errorCodeOf(error) !== 'ENOENT')
          this.logger.warn(`The permissions of ${name} could not be set to 0600.`);
      });
    }
    for (const { provider, label, status } of await list.all()) {
      if (status === 'kek_mismatch' || status === 'decrypt_failed') {
        this.logger.error(`The stored credential ${provider}/${label} cannot be used: ${status}.`);
      }
    }
  }

  /** Replaces the one under the same label. */
  store(ref: CredentialRef, wish: NewCredential): Promise<CredentialView> {
    const { lock, folder, keyring, health, audit, list } = this.parts;
    return lock.run(async () => {
      const before = await this.readable(ref);
      const facts: CredentialFacts = {
        provider: ref.provider,
        credential_id: newId(),
        kind: wish.kind,
        masked: maskSecret(wish.secret),
        created_at: new Date().toISOString(),
        created_by: wish.by,
        priority: wish.priority ?? before?.priority ?? 0,
        ...(wish.email === undefined ? {} : { email: wish.email }),
      };
      const file = sealCredential(ref, facts, wish.secret, await keyring.sealingKey());
      await audit.record({
        action: 'stored',
        by: wish.by,
        ...ref,
        credential_id: facts.credential_id,
      });
      await folder.write(ref, file);
      if (before) await health.forget(before.credential_id);
      this.logger.log(`A credential was stored: ${ref.provider}/${ref.label} ${wish.kind} ${facts.masked}`);
      return list.viewOfStored(ref, file);
    });
  }

  /** Throws `CREDENTIAL_NOT_FOUND`. */
  async delete(provider: string, label: string | undefined, by: string): Promise<void> {
    const { lock, folder, health, audit, list } = this.parts;
    const ref = refOf(provider, label);
    if (!ref) throw await list.notFound(provider);
    await lock.run(async () => {
      const known = (await folder.refs()).some((one) => fileNameOf(one) === fileNameOf(ref));
      if (!known) throw await list.notFound(provider);
      const before = await this.readable(ref);
      const id = before ? { credential_id: before.credential_id } : {};
      await audit.record({ action: 'deleted', by, ...ref, ...id });
      await folder.remove(ref);
      if (before) await health.forget(before.credential_id);
      this.logger.log(`The stored credential ${ref.provider}/${ref.label} was deleted.`);
    });
  }

  /** Null also for a damaged one: it can be replaced and deleted all the same. */
  private async readable(ref: CredentialRef): Promise<CredentialFile | null> {
    try {
      return await this.parts.folder.read(ref);
    } catch (error) {
      if (error instanceof AppError) return null;
      throw error;
    }
  }
}

const OWN_FILES = ['keyring.json', 'usage.json', 'status.json', 'audit.jsonl', '.lock'];
