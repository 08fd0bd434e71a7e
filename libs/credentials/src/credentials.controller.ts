import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { CurrentCaller, RequireRole, type Caller } from '@app/auth';
import { CredentialAudit } from './credential-audit.js';
import { CredentialIntake } from './credential-intake.js';
import { CredentialList } from './credential-list.js';
import { CredentialStore } from './credential-store.js';
import { CredentialVerifier } from './credential-verifier.js';
import {
  CredentialAuditView,
  CredentialListView,
  CredentialVerdictView,
  CredentialView,
} from './credential.view.js';
import { StoreCredentialDto } from './store-credential.dto.js';

@ApiTags('credentials')
@Controller('api/credentials')
export class CredentialsController {
  constructor(
    private readonly intake: CredentialIntake,
    private readonly credentials: CredentialStore,
    private readonly shown: CredentialList,
    private readonly verifier: CredentialVerifier,
    private readonly audit: CredentialAudit,
  ) {}

  /** Stores a credential; the one stored before under the same label is replaced. */
  @Post()
  @RequireRole('admin')
  store(@Body() body: StoreCredentialDto, @CurrentCaller() caller: Caller): Promise<CredentialView> {
    return this.intake.take(body, nameOf(caller));
  }

  /** Lists the credentials, masked, with what is known of each. */
  @Get()
  async list(): Promise<CredentialListView> {
    return { items: await this.shown.all() };
  }

  /** Who changed credentials and their keys, and when. */
  @Get('audit')
  @RequireRole('admin')
  async changes(): Promise<CredentialAuditView> {
    const items = (await this.audit.recent()).map((entry) => ({
      ...entry,
      provider: entry.provider ?? null,
      label: entry.label ?? null,
      credential_id: entry.credential_id ?? null,
    }));
    return { items };
  }

  /** Asks the provider about its default credential; answers within CREDENTIAL_CHECK_SECONDS. */
  @Post(':provider/verify')
  @HttpCode(200)
  verify(
    @Param('provider') provider: string,
    @CurrentCaller() caller: Caller,
  ): Promise<CredentialVerdictView> {
    return this.verifier.verify(provider, undefined, nameOf(caller));
  }

  /** The same for one of several. */
  @Post(':provider/:label/verify')
  @HttpCode(200)
  verifyLabelled(
    @Param('provider') provider: string,
    @Param('label') label: string,
    @CurrentCaller() caller: Caller,
  ): Promise<CredentialVerdictView> {
    return this.verifier.verify(provider, label, nameOf(caller));
  }

  /** Deletes the default credential of a provider. */
  @Delete(':provider')
  @RequireRole('admin')
  @HttpCode(204)
  delete(@Param('provider') provider: string, @CurrentCaller() caller: Caller): Promise<void> {
    return this.credentials.delete(provider, undefined, nameOf(caller));
  }

  /** Deletes one of several. */
  @Delete(':provider/:label')
  @RequireRole('admin')
  @HttpCode(204)
  deleteLabelled(
    @Param('provider') provider: string,
    @Param('label') label: string,
    @CurrentCaller() caller: Caller,
  ): Promise<void> {
    return this.credentials.delete(provider, label, nameOf(caller));
  }
}

const nameOf = ({ name, key_id: id }: Caller): string => `${name} (${id})`;
