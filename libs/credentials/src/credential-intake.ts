import { Injectable } from '@nestjs/common';
import { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { checkSecret } from './check-secret.js';
import { CredentialStore } from './credential-store.js';
import type { CredentialView } from './credential.view.js';
import type { StoreCredentialDto } from './store-credential.dto.js';

/** Decides what a request wants stored, and whether it can be a credential at all. */
@Injectable()
export class CredentialIntake {
  constructor(
    private readonly settings: Settings,
    private readonly credentials: CredentialStore,
  ) {}

  /** Throws `INVALID_CREDENTIAL`. */
  async take(wish: StoreCredentialDto): Promise<CredentialView> {
    const { api_key: apiKey, oauth_token: oauthToken } = wish;
    if ((apiKey === undefined) === (oauthToken === undefined)) {
      throw new AppError(
        'INVALID_CREDENTIAL',
        'Send one credential: {"api_key":"sk-ant-…"} or {"provider":"claude","oauth_token":"sk-ant-oat…"}.',
      );
    }
    const kind = apiKey === undefined ? 'oauth_token' : 'api_key';
    const secret = apiKey ?? oauthToken ?? '';
    checkSecret(kind, secret, { gateway: this.settings.anthropicBaseUrl !== null });
    return this.credentials.store(wish.provider ?? 'claude', kind, secret);
  }
}
