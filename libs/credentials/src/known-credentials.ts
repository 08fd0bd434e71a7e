import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { openCredential, type CredentialFile } from './credential-file.js';
import type { CredentialFolder } from './credential-folder.js';
import { DEFAULT_LABEL, type CredentialRef } from './credential-ref.js';
import {
  kindOfSecret,
  maskSecret,
  PROVIDERS,
  type CredentialKind,
  type CredentialSource,
  type Provider,
} from './credential.js';
import { environmentId } from './environment-id.js';
import type { Keyring } from './keyring.js';

/** What is known of a credential without opening it. */
export interface KnownCredential extends CredentialRef {
  kind: CredentialKind;
  masked: string;
  source: CredentialSource;
  credentialId: string;
  priority: number;
  email: string | null;
  createdAt: string | null;
  createdBy: string | null;
  /** It waits behind stored ones, which come first as long as there is any. */
  standby: boolean;
  /** Throws `KEK_MISMATCH` or `DECRYPT_FAILED`. */
  open(): Promise<string>;
}

/** The stored credentials, else the one that the environment gives. */
export class KnownCredentials {
  constructor(
    private readonly settings: Settings,
    private readonly folder: CredentialFolder,
    private readonly keyring: Keyring,
  ) {}

  async all(): Promise<KnownCredential[]> {
    const refs = await this.folder.refs();
    const stored = await Promise.all(refs.map((ref) => this.stored(ref)));
    return PROVIDERS.flatMap((provider) => {
      const own = stored.flatMap((one) => (one?.provider === provider ? one : []));
      return [...own, ...this.environment(provider, own.length > 0)];
    });
  }

  async of(provider: Provider): Promise<KnownCredential[]> {
    return (await this.all()).filter((one) => one.provider === provider);
  }

  fromEnvironment(provider: Provider): string | null {
    switch (provider) {
      case 'claude':
        return this.settings.anthropicApiKey;
      case 'github':
        return this.settings.githubToken;
      case 'jira':
        return this.settings.jiraApiToken;
    }
  }

  /** Null when it was deleted since the folder was read. */
  private async stored(ref: CredentialRef): Promise<KnownCredential | null> {
    let file: CredentialFile | null;
    try {
      file = await this.folder.read(ref);
    } catch (error) {
      if (error instanceof AppError) return damaged(ref, error);
      throw error;
    }
    if (!file) return null;
    const whole = file;
    return {
      ...ref,
      kind: file.kind,
      masked: file.masked,
      source: 'stored',
      credentialId: file.credential_id,
      priority: file.priority ?? 0,
      email: file.email ?? null,
      createdAt: file.created_at,
      createdBy: file.created_by ?? null,
      standby: false,
      open: () => this.open(ref, whole),
    };
  }

  /** Its key may have been changed and dropped since the file was read: then it has another one now. */
  private async open(ref: CredentialRef, file: CredentialFile): Promise<string> {
    try {
      return await openCredential(ref, file, this.keyring);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const now = await this.folder.read(ref);
      if (!now || now.kid === file.kid || now.credential_id !== file.credential_id) throw error;
      return openCredential(ref, now, this.keyring);
    }
  }

  private environment(provider: Provider, standby: boolean): KnownCredential[] {
    const secret = this.fromEnvironment(provider);
    if (!secret) return [];
    return [
      {
        provider,
        label: DEFAULT_LABEL,
        kind: kindOfSecret(provider, secret),
        masked: maskSecret(secret),
        source: 'environment',
        credentialId: environmentId(provider, secret),
        priority: 0,
        email: null,
        createdAt: null,
        createdBy: null,
        standby,
        open: () => Promise.resolve(secret),
      },
    ];
  }
}

/** A file that cannot be read: it takes up its place, so that nothing else steps in silently. */
function damaged(ref: CredentialRef, error: AppError): KnownCredential {
  return {
    ...ref,
    kind: ref.provider === 'claude' ? 'api_key' : 'token',
    masked: '…',
    source: 'stored',
    credentialId: '',
    priority: 0,
    email: null,
    createdAt: null,
    createdBy: null,
    standby: false,
    open: () => Promise.reject(error),
  };
}
