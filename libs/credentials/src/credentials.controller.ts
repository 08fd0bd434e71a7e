import { Body, Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { RequireRole } from '@app/auth';
import { CredentialIntake } from './credential-intake.js';
import { CredentialStore } from './credential-store.js';
import { CredentialListView, CredentialView } from './credential.view.js';
import { StoreCredentialDto } from './store-credential.dto.js';

@ApiTags('credentials')
@Controller('api/credentials')
export class CredentialsController {
  constructor(
    private readonly intake: CredentialIntake,
    private readonly credentials: CredentialStore,
  ) {}

  /** Stores the credential that tasks run with; the one stored before is replaced. */
  @Post()
  @RequireRole('admin')
  store(@Body() body: StoreCredentialDto): Promise<CredentialView> {
    return this.intake.take(body);
  }

  /** Lists the credentials, masked. */
  @Get()
  async list(): Promise<CredentialListView> {
    return { items: await this.credentials.list() };
  }

  /** Deletes the stored credential of a provider. */
  @Delete(':provider')
  @RequireRole('admin')
  @HttpCode(204)
  delete(@Param('provider') provider: string): Promise<void> {
    return this.credentials.delete(provider);
  }
}
