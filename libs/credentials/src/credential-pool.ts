import { Logger } from '@nestjs/common';
import { AppError } from '@app/contracts';
import { MIN_LENGTH } from './check-secret.js';
import type { CredentialHealth, Health } from './credential-health.js';
import type { CredentialUse } from './credential-use.js';
import type { Provider, ResolvedCredential } from './credential.js';
import { inOrderOfUse } from './order-of-use.js';
import type { KnownCredential, KnownCredentials } from './known-credentials.js';

/** `limited`: all that could be used have reached their usage limit; the first one is usable again at `until`. */
export type Taken =
  { kind: 'taken'; credential: ResolvedCredential } | { kind: 'limited'; until: string } | { kind: 'none' };

/**
 * Chooses the credential of a run among those of a provider: the highest priority first, and of the same priority the
 * one that was used least recently, so that several accounts share the work. One whose usage limit is reached is left
 * alone until that ends. One that the provider refused is tried only when there is no other, so that an account that was
 * put right needs nobody who says so.
 */
export class CredentialPool {
  private readonly logger = new Logger(CredentialPool.name);

  constructor(
    private readonly known: KnownCredentials,
    private readonly health: CredentialHealth,
    private readonly use: CredentialUse,
  ) {}

  /**
   * `tried`: ids that this run has been through. `slackMs`: limits that end so soon count as over. Throws `KEK_MISMATCH` or `DECRYPT_FAILED` when there are credentials
   * and none can be read: they are never silently replaced by the one of the environment.
   */
  async take(
    provider: Provider,
    { tried = new Set(), slackMs = 0 }: { tried?: ReadonlySet<string>; slackMs?: number } = {},
  ): Promise<Taken> {
    const [known, health, written] = await Promise.all([
      this.known.of(provider),
      this.health.all(),
      this.use.written(),
    ]);
    const now = Date.now() + slackMs;
    const all = inOrderOfUse(
      known.filter(({ standby }) => !standby),
      (id) => this.use.latest(id, written),
    );
    const stateOf = ({ credentialId }: KnownCredential): State => stateAt(now, health.get(credentialId));
    const left = all.filter(({ credentialId }) => !tried.has(credentialId));
    const problems: AppError[] = [];
    const usable = await this.firstOf(
      left.filter((one) => stateOf(one) === 'usable'),
      problems,
      false,
    );
    if (usable) return usable;
    const ends = all.filter((one) => stateOf(one) === 'limited').map((one) => endOf(health, one));
    const [until] = ends.sort();
    if (until !== undefined) return { kind: 'limited', until };
    const refused = await this.firstOf(
      left.filter((one) => stateOf(one) === 'refused'),
      problems,
      true,
    );
    if (refused) return refused;
    const [problem] = problems;
    if (problem && tried.size === 0) throw problem;
    return { kind: 'none' };
  }

  /** All secrets that can be opened, of every provider: to be masked, for no other use. */
  async secrets(): Promise<string[]> {
    const opened = await Promise.all(
      (await this.known.all()).map((one) =>
        one.open().catch((error: unknown) => {
          // Nobody can give away what nobody can read; a run says so when it needs that one.
          if (error instanceof AppError) return '';
          throw error;
        }),
      ),
    );
    return opened.filter((secret) => secret.length >= MIN_LENGTH);
  }

  /** The ids of those that nothing speaks against now. */
  async usable(provider: Provider): Promise<Set<string>> {
    const [known, health] = await Promise.all([this.known.of(provider), this.health.all()]);
    const now = Date.now();
    const usable = known.filter(
      ({ standby, credentialId }) => !standby && stateAt(now, health.get(credentialId)) === 'usable',
    );
    return new Set(usable.map(({ credentialId }) => credentialId));
  }

  /** Its usage limit is reached. Never throws. */
  async limit(credentialId: string, until: string): Promise<void> {
    await this.health.note(credentialId, { limited_until: until });
    this.logger.warn({ credentialId, until }, 'the usage limit of a credential is reached');
  }

  /** The provider does not accept it. Never throws. */
  async refuse(credentialId: string): Promise<void> {
    await this.health.note(credentialId, { invalid_since: new Date().toISOString() });
    this.logger.warn({ credentialId }, 'a credential was refused by its provider');
  }

  /** The provider accepts one again that it had refused. Never throws. */
  accept(credentialId: string): Promise<void> {
    return this.health.note(credentialId, { invalid_since: null });
  }

  private async firstOf(
    candidates: readonly KnownCredential[],
    problems: AppError[],
    wasRefused: boolean,
  ): Promise<Taken | null> {
    for (const one of candidates) {
      try {
        this.use.reserve(one.credentialId);
        const secret = await one.open();
        await this.use.note(one.credentialId);
        const { provider, label, kind, source, credentialId, email } = one;
        return {
          kind: 'taken',
          credential: { provider, label, kind, secret, source, credentialId, email, wasRefused },
        };
      } catch (error) {
        if (!(error instanceof AppError)) throw error;
        problems.push(error);
        this.logger.error(
          `The stored credential ${one.provider}/${one.label} cannot be used: ${error.code}.`,
        );
      }
    }
    return null;
  }
}

type State = 'usable' | 'limited' | 'refused';

function stateAt(nowMs: number, health: Health | undefined): State {
  if (health?.invalid_since !== undefined) return 'refused';
  return health?.limited_until !== undefined && Date.parse(health.limited_until) > nowMs
    ? 'limited'
    : 'usable';
}

function endOf(health: ReadonlyMap<string, Health>, { credentialId }: KnownCredential): string {
  return health.get(credentialId)?.limited_until ?? '';
}
