/** Whose credential it is. */
export const PROVIDERS = ['claude', 'github', 'jira'] as const;
export type Provider = (typeof PROVIDERS)[number];

/** `api_key` and `oauth_token` are Claude's; `token` is what GitHub and Jira give out. */
export const CREDENTIAL_KINDS = ['api_key', 'oauth_token', 'token'] as const;
export type CredentialKind = (typeof CREDENTIAL_KINDS)[number];

/** `stored`: in /data/credentials; `environment`: from ANTHROPIC_API_KEY, GITHUB_TOKEN or JIRA_API_TOKEN. */
export const CREDENTIAL_SOURCES = ['stored', 'environment'] as const;
export type CredentialSource = (typeof CREDENTIAL_SOURCES)[number];

/**
 * `active`: may be used; `limited`: its usage limit is reached, until `limited_until`; `invalid`: the provider refused
 * it; `standby`: it serves once the stored ones are deleted; `kek_mismatch`: the master key it was stored with is not
 * there; `decrypt_failed`: its file or the keyring was changed or damaged.
 */
export const CREDENTIAL_STATUSES = [
  'active',
  'limited',
  'invalid',
  'standby',
  'kek_mismatch',
  'decrypt_failed',
] as const;
export type CredentialStatus = (typeof CREDENTIAL_STATUSES)[number];

/** A credential in the clear: for the one run that needs it, never for a log, an event or an answer. */
export interface ResolvedCredential {
  provider: Provider;
  label: string;
  kind: CredentialKind;
  secret: string;
  source: CredentialSource;
  /** What notes about it go by; holds nothing secret. A new secret under the same label has another one. */
  credentialId: string;
  /** The account that a token of Jira belongs to. */
  email: string | null;
  /** Its provider had refused it before; it is tried again because there is no other. */
  wasRefused: boolean;
}

/** An OAuth token of a Claude subscription says so in its prefix. */
export function kindOfSecret(provider: Provider, secret: string): CredentialKind {
  if (provider !== 'claude') return 'token';
  return secret.startsWith('sk-ant-oat') ? 'oauth_token' : 'api_key';
}

export function maskSecret(secret: string): string {
  return `…${secret.slice(-4)}`;
}
