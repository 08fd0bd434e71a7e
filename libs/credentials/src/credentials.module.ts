import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, Settings, SettingsModule } from '@app/config';
import { Paths, PathsModule } from '@app/paths';
import { DataFiles, StorageModule } from '@app/storage';
import { CredentialAudit } from './credential-audit.js';
import { CredentialFolder } from './credential-folder.js';
import { CredentialHealth } from './credential-health.js';
import { CredentialIntake } from './credential-intake.js';
import { CredentialList } from './credential-list.js';
import { CredentialPool } from './credential-pool.js';
import { CredentialStore } from './credential-store.js';
import { CredentialUse } from './credential-use.js';
import { CredentialVerifier } from './credential-verifier.js';
import { CredentialsController } from './credentials.controller.js';
import { CredentialsLock } from './credentials-lock.js';
import { Keyring } from './keyring.js';
import { KnownCredentials } from './known-credentials.js';
import { loadMasterKeys } from './load-master-keys.js';

/** All that works on the one folder, put together once. */
const PARTS = Symbol('CredentialParts');
type Parts = Awaited<ReturnType<typeof makeParts>>;

@Module({})
export class CredentialsModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(CredentialsModule, settings, () => ({
      imports: [SettingsModule.for(settings), PathsModule.for(settings), StorageModule.for(settings)],
      controllers: [CredentialsController],
      providers: [
        { provide: PARTS, inject: [Settings, Paths, DataFiles], useFactory: makeParts },
        part(CredentialAudit, ({ audit }) => audit),
        part(CredentialList, ({ list }) => list),
        part(CredentialPool, ({ pool }) => pool),
        part(CredentialStore, ({ store }) => store),
        part(CredentialVerifier, ({ verifier }) => verifier),
        CredentialIntake,
      ],
      exports: [CredentialList, CredentialPool, CredentialStore],
    }));
  }
}

function part<T>(token: abstract new (...args: never[]) => T, pick: (parts: Parts) => T) {
  return { provide: token, inject: [PARTS], useFactory: pick };
}

async function makeParts(settings: Settings, paths: Paths, files: DataFiles) {
  const keyring = new Keyring(await loadMasterKeys(settings, paths, files), files, paths);
  const lock = new CredentialsLock(files, paths);
  const folder = new CredentialFolder(paths, files);
  const audit = new CredentialAudit(files, paths);
  const health = new CredentialHealth(files, lock, paths);
  const use = new CredentialUse(files, paths, () => new Date());
  const known = new KnownCredentials(settings, folder, keyring);
  const list = new CredentialList(known, health, use);
  return {
    audit,
    list,
    pool: new CredentialPool(known, health, use),
    store: new CredentialStore({ paths, files, lock, folder, keyring, health, audit, list }),
    verifier: new CredentialVerifier(settings, known, list, health, lock, audit),
  };
}
