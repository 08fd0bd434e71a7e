import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, Settings, SettingsModule } from '@app/config';
import { Paths, PathsModule } from '@app/paths';
import { DataFiles, StorageModule } from '@app/storage';
import { CredentialIntake } from './credential-intake.js';
import { CredentialStore } from './credential-store.js';
import { CredentialUse } from './credential-use.js';
import { CredentialsController } from './credentials.controller.js';
import { Keyring } from './keyring.js';
import { loadMasterKey } from './master-key.js';

@Module({})
export class CredentialsModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(CredentialsModule, settings, () => ({
      imports: [SettingsModule.for(settings), PathsModule.for(settings), StorageModule.for(settings)],
      controllers: [CredentialsController],
      providers: [
        CredentialIntake,
        {
          provide: CredentialStore,
          inject: [Settings, Paths, DataFiles],
          useFactory: makeStore,
        },
      ],
      exports: [CredentialStore],
    }));
  }
}

async function makeStore(settings: Settings, paths: Paths, files: DataFiles): Promise<CredentialStore> {
  const keyring = new Keyring(await loadMasterKey(settings, paths, files), files, paths);
  const use = new CredentialUse(files, paths, () => new Date());
  return new CredentialStore(settings, paths, files, keyring, use);
}
