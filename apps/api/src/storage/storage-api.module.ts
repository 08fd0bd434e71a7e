import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, Settings, SettingsModule } from '@app/config';
import { storedKekId } from '@app/credentials';
import { Paths, PathsModule } from '@app/paths';
import { Backups, BackupSchedule } from '@app/storage';
import { BackupsController } from './backups.controller.js';

/** What is kept, over HTTP. Here and not in the library, which knows neither keys nor credentials. */
@Module({})
export class StorageApiModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(StorageApiModule, settings, () => ({
      imports: [SettingsModule.for(settings), PathsModule.for(settings)],
      controllers: [BackupsController],
      providers: [
        {
          provide: Backups,
          inject: [Settings, Paths],
          useFactory: (known: Settings, paths: Paths) => new Backups(known, paths, () => storedKekId(paths)),
        },
        {
          provide: BackupSchedule,
          inject: [Settings, Backups],
          useFactory: (known: Settings, backups: Backups) => new BackupSchedule(known, backups),
        },
      ],
    }));
  }
}
