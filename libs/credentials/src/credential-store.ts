import { Logger, type OnModuleInit } from '@nestjs/common';
import { chmod } from 'node:fs/promises';
import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { newId } from '@app/database';
import { joinPath, type DataPath, type Paths } from '@app/paths';
import { errorCodeOf, readTextIfThere, SerialByKey, type DataFiles } from '@app/storage';
import {
  openCredential,
  parseCredentialFile,
  sealCredential,
  type CredentialFile,
} from './credential-file.js';
import type { CredentialUse } from './credential-use.js';
import {
  kindOfSecret,
  maskSecret,
  PROVIDERS,
  type CredentialKind,
  type CredentialStatus,
  type Provider,
  type ResolvedCredential,
} from './credential.js';
import type { CredentialView } from './credential.view.js';
import type { Keyring } from './keyring.js';

/** The id of the credential from the environment. */
const ENVIRONMENT = 'environment';

/**
 * The credentials of the service: stored ones encrypted under /data/credentials, else ANTHROPIC_API_KEY. Nothing is
 * kept in memory: what one process stores or deletes, the next `resolve` of every process sees.
 */
export class CredentialStore implements OnModuleInit {
  private readonly logger = new Logger(CredentialStore.name);
  private readonly serial = new SerialByKey();

  constructor(
    private readonly settings: Settings,
    private readonly paths: Paths,
    private readonly files: DataFiles,
    private readonly keyring: Keyring,
    private readonly use: CredentialUse,
  ) {}

  /** Puts permissions right that a copy or a restore made too wide, and says early when a credential is unusable. */
  async onModuleInit(): Promise<void> {
    await this.files.ensureFolder(this.paths.credentials, 0o700);
    await this.files.recover(this.paths.credentials);
    for (const name of ['keyring.json', 'usage.json', ...PROVIDERS.map((provider) => `${provider}.json`)]) {
      await chmod(joinPath(this.paths.credentials, name), 0o600).catch((error: unknown) => {
        if (errorCodeOf(error) !== 'ENOENT')
          this.logger.warn(`The permissions of ${name} could not be set to 0600.`);
      });
    }
    for (const view of await this.list()) {
      if (view.status === 'kek_mismatch' || view.status === 'decrypt_failed') {
        this.logger.error(`The stored credential of ${view.provider} cannot be used: ${view.status}.`);
      }
    }
  }

  /**
   * The credential for a run: the stored one, else the one of the environment, else null. Throws `KEK_MISMATCH` or
   * `DECRYPT_FAILED`: a stored credential that cannot be read is never silently replaced by another account's.
   */
  async resolve(provider: Provider): Promise<ResolvedCredential | null> {
    const file = await this.read(provider);
    if (file) {
      const secret = await openCredential(provider, file, this.keyring);
      return { kind: file.kind, secret, source: 'stored', credentialId: file.credential_id };
    }
    const secret = this.fromEnvironment(provider);
    return secret
      ? { kind: kindOfSecret(secret), secret, source: 'environment', credentialId: ENVIRONMENT }
      : null;
  }

  /** Called when a run begins with the credential; written at most once a minute. Never throws. */
  noteUse(credentialId: string): Promise<void> {
    return this.use.note(credentialId);
  }

  /** Replaces the stored credential. The secret has been checked by `checkSecret`. */
  store(provider: Provider, kind: CredentialKind, secret: string): Promise<CredentialView> {
    return this.serial.run(provider, async () => {
      await this.files.ensureFolder(this.paths.credentials, 0o700);
      const facts = {
        provider,
        credential_id: newId(),
        kind,
        masked: maskSecret(secret),
        created_at: new Date().toISOString(),
      };
      const file = sealCredential(facts, secret, await this.keyring.sealingKey());
      await this.files.writeFileAtomic(this.pathOf(provider), `${JSON.stringify(file, null, 2)}\n`, {
        mode: 0o600,
      });
      this.logger.log(`A credential was stored: ${provider} ${kind} ${facts.masked}`);
      return this.viewOf(file, 'active');
    });
  }

  /** Throws `CREDENTIAL_NOT_FOUND`. */
  delete(provider: string): Promise<void> {
    return this.serial.run(provider, async () => {
      const known = PROVIDERS.find((candidate) => candidate === provider);
      if (known && (await this.files.removeFile(this.pathOf(known)))) {
        this.logger.log(`The stored credential of ${known} was deleted.`);
        return;
      }
      const fromEnvironment = known && this.fromEnvironment(known) !== null;
      throw new AppError(
        'CREDENTIAL_NOT_FOUND',
        fromEnvironment
          ? 'No credential is stored for this provider; the one in use comes from ANTHROPIC_API_KEY. Unset that variable and restart.'
          : 'No credential is stored for this provider. GET /api/credentials lists what there is.',
      );
    });
  }

  /** What is there, in the order of use, without any secret. */
  async list(): Promise<CredentialView[]> {
    const views: CredentialView[] = [];
    for (const provider of PROVIDERS) {
      const stored = await this.storedView(provider);
      if (stored) views.push(stored);
      const secret = this.fromEnvironment(provider);
      if (secret) {
        views.push({
          provider,
          kind: kindOfSecret(secret),
          masked: maskSecret(secret),
          source: 'environment',
          created_at: null,
          last_used_at: await this.use.lastUsed(ENVIRONMENT),
          status: stored ? 'standby' : 'active',
        });
      }
    }
    return views;
  }

  private async storedView(provider: Provider): Promise<CredentialView | null> {
    let file: CredentialFile | null = null;
    try {
      file = await this.read(provider);
      if (!file) return null;
      await openCredential(provider, file, this.keyring);
      return await this.viewOf(file, 'active');
    } catch (error) {
      const status = statusOf(error);
      if (!status) throw error;
      return file ? { ...(await this.viewOf(file, status)), provider } : damagedView(provider, status);
    }
  }

  private async viewOf(file: CredentialFile, status: CredentialStatus): Promise<CredentialView> {
    return {
      provider: file.provider,
      kind: file.kind,
      masked: file.masked,
      source: 'stored',
      created_at: file.created_at,
      last_used_at: await this.use.lastUsed(file.credential_id),
      status,
    };
  }

  private async read(provider: Provider): Promise<CredentialFile | null> {
    const text = await readTextIfThere(this.pathOf(provider));
    return text === null ? null : parseCredentialFile(text);
  }

  private pathOf(provider: Provider): DataPath {
    return joinPath(this.paths.credentials, `${provider}.json`);
  }

  private fromEnvironment(provider: Provider): string | null {
    return provider === 'claude' ? this.settings.anthropicApiKey : null;
  }
}

function statusOf(error: unknown): CredentialStatus | null {
  if (!(error instanceof AppError)) return null;
  if (error.code === 'KEK_MISMATCH') return 'kek_mismatch';
  return error.code === 'DECRYPT_FAILED' ? 'decrypt_failed' : null;
}

function damagedView(provider: Provider, status: CredentialStatus): CredentialView {
  return {
    provider,
    kind: 'api_key',
    masked: '…',
    source: 'stored',
    created_at: null,
    last_used_at: null,
    status,
  };
}
