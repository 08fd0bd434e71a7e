import { AppError } from '@app/contracts';
import type { CredentialFile } from './credential-file.js';
import type { CredentialHealth, Health } from './credential-health.js';
import type { CredentialRef } from './credential-ref.js';
import type { CredentialUse, Uses } from './credential-use.js';
import { PROVIDERS, type CredentialStatus } from './credential.js';
import type { CredentialView } from './credential.view.js';
import type { KnownCredential, KnownCredentials } from './known-credentials.js';
import { inOrderOfUse } from './order-of-use.js';

/** Shows credentials without their secrets. */
export class CredentialList {
  constructor(
    private readonly known: KnownCredentials,
    private readonly health: CredentialHealth,
    private readonly use: CredentialUse,
  ) {}

  /** By provider, in the order of use; what waits behind the stored ones comes last. */
  async all(): Promise<CredentialView[]> {
    const [known, health, written] = await Promise.all([
      this.known.all(),
      this.health.all(),
      this.use.written(),
    ]);
    const sorted = PROVIDERS.flatMap((provider) => {
      const own = known.filter((one) => one.provider === provider);
      const used = (id: string): string | null => this.use.latest(id, written);
      return [
        ...inOrderOfUse(
          own.filter(({ standby }) => !standby),
          used,
        ),
        ...own.filter(({ standby }) => standby),
      ];
    });
    return Promise.all(sorted.map((one) => this.viewOf(one, health.get(one.credentialId), written)));
  }

  /** The view of one that was written this very moment. */
  async viewOfStored(ref: CredentialRef, file: CredentialFile): Promise<CredentialView> {
    const [one] = (await this.known.of(ref.provider)).filter(
      ({ credentialId }) => credentialId === file.credential_id,
    );
    if (!one) throw new AppError('CREDENTIAL_NOT_FOUND', 'The credential was deleted at once by another.');
    return this.viewOf(one, undefined, {});
  }

  /** What to say when there is none of that provider and label. */
  async notFound(provider: string): Promise<AppError> {
    const known = (await this.known.all()).filter((one) => one.provider === provider);
    const labels = known.filter(({ source }) => source === 'stored').map(({ label }) => label);
    if (labels.length > 0) {
      return notFound(
        `No credential is stored under this label. Stored for ${provider}: ${labels.join(', ')}.`,
      );
    }
    const [fromEnvironment] = known;
    return notFound(
      fromEnvironment
        ? `No credential is stored for this provider; the one in use comes from ${VARIABLES[fromEnvironment.provider]}. Unset that variable and restart.`
        : 'No credential is stored for this provider. GET /api/credentials lists what there is.',
    );
  }

  private async viewOf(
    one: KnownCredential,
    health: Health | undefined,
    written: Uses,
  ): Promise<CredentialView> {
    return {
      provider: one.provider,
      label: one.label,
      kind: one.kind,
      masked: one.masked,
      source: one.source,
      priority: one.priority,
      email: one.email,
      created_at: one.createdAt,
      created_by: one.createdBy,
      last_used_at: this.use.latest(one.credentialId, written),
      status: await statusOf(one, health),
      limited_until: laterThanNow(health?.limited_until),
      invalid_since: health?.invalid_since ?? null,
      last_verified_at: health?.last_verified_at ?? null,
      last_verdict: health?.last_verdict ?? null,
    };
  }
}

const VARIABLES = { claude: 'ANTHROPIC_API_KEY', github: 'GITHUB_TOKEN', jira: 'JIRA_API_TOKEN' } as const;

async function statusOf(one: KnownCredential, health: Health | undefined): Promise<CredentialStatus> {
  try {
    await one.open();
  } catch (error) {
    if (error instanceof AppError && error.code === 'KEK_MISMATCH') return 'kek_mismatch';
    if (error instanceof AppError && error.code === 'DECRYPT_FAILED') return 'decrypt_failed';
    throw error;
  }
  if (one.standby) return 'standby';
  if (health?.invalid_since !== undefined) return 'invalid';
  return laterThanNow(health?.limited_until) === null ? 'active' : 'limited';
}

function laterThanNow(instant: string | undefined): string | null {
  return instant !== undefined && Date.parse(instant) > Date.now() ? instant : null;
}

function notFound(message: string): AppError {
  return new AppError('CREDENTIAL_NOT_FOUND', message);
}
