import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, Settings, SettingsModule } from '@app/config';
import { DatabaseModule } from '@app/database';
import { AdminKeyFile } from './admin-key-file.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { ApiKeyRepository } from './api-key.repository.js';
import { ApiKeyService } from './api-key.service.js';
import { ApiKeysController } from './api-keys.controller.js';
import { AuthGuard } from './auth.guard.js';
import { Authenticator } from './authenticator.js';
import { BadLogins } from './bad-logins.js';
import { Clock } from './clock.js';
import { FirstKey } from './first-key.js';
import { KeyRevocations } from './key-revocations.js';
import { KeyUse } from './key-use.js';
import { LoginController } from './login.controller.js';
import { LoginService } from './login.service.js';
import { MeController } from './me.controller.js';
import { OriginPolicy } from './origin-policy.js';

/** Keys, logins and what they may do. Whoever serves HTTP puts `AuthGuard` before all routes. */
@Module({})
export class AuthModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(AuthModule, settings, () => ({
      imports: [
        SettingsModule.for(settings),
        DatabaseModule.for(settings),
        ...DatabaseModule.entities(ApiKeyEntity),
      ],
      controllers: [ApiKeysController, LoginController, MeController],
      providers: [
        { provide: AdminKeyFile, inject: [Settings], useFactory: (from: Settings) => new AdminKeyFile(from) },
        { provide: OriginPolicy, inject: [Settings], useFactory: (from: Settings) => new OriginPolicy(from) },
        ApiKeyRepository,
        ApiKeyService,
        AuthGuard,
        Authenticator,
        BadLogins,
        Clock,
        FirstKey,
        KeyRevocations,
        KeyUse,
        LoginService,
      ],
      exports: [AuthGuard, Authenticator, FirstKey, KeyRevocations, OriginPolicy],
    }));
  }
}
