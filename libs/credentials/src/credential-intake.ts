import { Injectable } from '@nestjs/common';
import { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { checkSecret } from './check-secret.js';
import { DEFAULT_LABEL } from './credential-ref.js';
import { CredentialStore } from './credential-store.js';
import type { CredentialView } from './credential.view.js';
import type { CredentialKind } from './credential.js';
import type { StoreCredentialDto } from './store-credential.dto.js';

/** Decides what a request wants stored, and whether it can be a credential at all. */
@Injectable()
export class CredentialIntake {
  constructor(
    private readonly settings: Settings,
    private readonly credentials: CredentialStore,
  ) {}

  /** `by`: who asks for it. Throws `INVALID_CREDENTIAL`. */
  async take(wish: StoreCredentialDto, by: string): Promise<CredentialView> {
    const provider = wish.provider ?? 'claude';
    const given = KINDS.flatMap((kind) => {
      const secret = wish[kind];
      return secret === undefined ? [] : [{ kind, secret }];
    });
    const [one, ...more] = given;
    if (!one || more.length > 0 || (one.kind === 'token') === (provider === 'claude')) {
      throw new AppError('INVALID_CREDENTIAL', WANTED[provider]);
    }
    if (wish.email !== undefined && provider !== 'jira') {
      throw new AppError('INVALID_CREDENTIAL', 'An email belongs to a token of Jira alone. Leave it out.');
    }
    const { kind, secret } = one;
    checkSecret(provider, kind, secret, { gateway: this.settings.anthropicBaseUrl !== null });
    const ref = { provider, label: wish.label ?? DEFAULT_LABEL };
    const { priority, email } = wish;
    return this.credentials.store(ref, { kind, secret, priority, email, by });
  }
}

const KINDS = ['api_key', 'oauth_token', 'token'] as const satisfies readonly CredentialKind[];

const WANTED = {
  claude: 'Send one credential: {"api_key":"sk-ant-…"} or {"provider":"claude","oauth_token":"sk-ant-oat…"}.',
  github: 'Send one token: {"provider":"github","token":"…"}.',
  jira: 'Send one token: {"provider":"jira","token":"…","email":"you@example.com"}.',
} as const;
