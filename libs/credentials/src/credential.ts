/** Whose credential it is. Each provider has one stored credential at most. */
export const PROVIDERS = ['claude'] as const;
export type Provider = (typeof PROVIDERS)[number];

export const CREDENTIAL_KINDS = ['api_key', 'oauth_token'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** `stored`: in /data/credentials; `environment`: from ANTHROPIC_API_KEY. */
export const CREDENTIAL_SOURCES = ['stored', 'environment'] as const;
export type CredentialSource = (typeof CREDENTIAL_SOURCES)[number];

/**
 * `active`: runs use it; `standby`: it serves once the stored one is deleted; `kek_mismatch`: the master key is not
 * the one it was stored with; `decrypt_failed`: its file or the keyring was changed or damaged.
 */
export const CREDENTIAL_STATUSES = ['active', 'standby', 'kek_mismatch', 'decrypt_failed'] as const;
export type CredentialStatus = (typeof CREDENTIAL_STATUSES)[number];

/** A credential in the clear: for the one run that needs it, never for a log, an event or an answer. */
export interface ResolvedCredential {
  kind: CredentialKind;
  secret: string;
  source: CredentialSource;
  /** What `noteUse` wants back; holds nothing secret. */
  credentialId: string;
}

/** An OAuth token of a Claude subscription says so in its prefix. */
export function kindOfSecret(secret: string): CredentialKind {
  return secret.startsWith('sk-ant-oat') ? 'oauth_token' : 'api_key';
}

export function maskSecret(secret: string): string {
  return `…${secret.slice(-4)}`;
}
