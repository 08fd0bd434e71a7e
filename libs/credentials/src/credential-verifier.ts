import type { Settings } from '@app/config';
import type { CredentialAudit } from './credential-audit.js';
import type { CredentialHealth } from './credential-health.js';
import type { CredentialList } from './credential-list.js';
import { DEFAULT_LABEL } from './credential-ref.js';
import type { ResolvedCredential } from './credential.js';
import type { CredentialVerdictView } from './credential.view.js';
import type { CredentialsLock } from './credentials-lock.js';
import type { KnownCredential, KnownCredentials } from './known-credentials.js';
import { checkClaude } from './verify/check-claude.js';
import { checkGithub } from './verify/check-github.js';
import { checkJira } from './verify/check-jira.js';
import type { Judgement } from './verify/judgement.js';

type Checked = Pick<ResolvedCredential, 'kind' | 'secret' | 'email'>;

/** Asks the provider about a credential and remembers what it said. */
export class CredentialVerifier {
  constructor(
    private readonly settings: Settings,
    private readonly known: KnownCredentials,
    private readonly list: CredentialList,
    private readonly health: CredentialHealth,
    private readonly lock: CredentialsLock,
    private readonly audit: CredentialAudit,
  ) {}

  /** Throws `CREDENTIAL_NOT_FOUND`, `KEK_MISMATCH`, `DECRYPT_FAILED`, or `INVALID_CREDENTIAL` when Jira has no address. */
  async verify(provider: string, label: string | undefined, by: string): Promise<CredentialVerdictView> {
    const wanted = label ?? DEFAULT_LABEL;
    const known = (await this.known.all()).find((one) => one.provider === provider && one.label === wanted);
    if (!known) throw await this.list.notFound(provider);
    const { kind, email, credentialId } = known;
    const checked = { kind, email, secret: await known.open() };
    await this.lock.run(() =>
      this.audit.record({
        action: 'verified',
        by,
        provider: known.provider,
        label: known.label,
        credential_id: credentialId,
      }),
    );
    const judgement = await this.ask(known, checked);
    const at = new Date().toISOString();
    // By its id: what was found out about a credential that was replaced meanwhile is said of nothing else.
    await this.health.note(credentialId, {
      last_verified_at: at,
      last_verdict: judgement.verdict,
      ...findingsOf(known, judgement, at),
    });
    return {
      provider: known.provider,
      label: known.label,
      verdict: judgement.verdict,
      limited_until: judgement.limitedUntil,
      checked_at: at,
      message: judgement.message,
    };
  }

  private ask({ provider }: KnownCredential, checked: Checked): Promise<Judgement> {
    const limitMs = this.settings.credentialCheckSeconds * 1000;
    switch (provider) {
      case 'claude':
        return checkClaude(checked, this.settings, limitMs);
      case 'github':
        return checkGithub(checked, this.settings, limitMs);
      case 'jira':
        return checkJira(checked, this.settings, limitMs);
    }
  }
}

/** Whether a free question of an API key succeeds says nothing about a limit that a run has met. */
function findingsOf(known: KnownCredential, { verdict, limitedUntil }: Judgement, at: string) {
  switch (verdict) {
    case 'valid':
      return { invalid_since: null, ...(known.kind === 'api_key' ? {} : { limited_until: null }) };
    case 'invalid':
      return { invalid_since: at };
    case 'limited':
      return { invalid_since: null, limited_until: limitedUntil };
    case 'unreachable':
      return {};
  }
}
