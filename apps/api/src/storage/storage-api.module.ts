import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, Settings, SettingsModule } from '@app/config';
import { storedKekId } from '@app/credentials';
import { DatabaseModule } from '@app/database';
import { Paths, PathsModule } from '@app/paths';
import { RedisConnections, RedisModule } from '@app/redis';
import { Backups, BackupSchedule, StorageMarkEntity, StorageMarkRepository } from '@app/storage';
import { BackupsController } from './backups.controller.js';
import { PersistenceController } from './persistence.controller.js';
import { PersistenceDoctor } from './persistence-doctor.js';
import { StartNote } from './start-note.js';

/** What is kept, over HTTP. Here and not in the library, which knows neither keys nor credentials. */
@Module({})
export class StorageApiModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(StorageApiModule, settings, () => ({
      imports: [
        SettingsModule.for(settings),
        PathsModule.for(settings),
        DatabaseModule.for(settings),
        ...DatabaseModule.entities(StorageMarkEntity),
        ...(settings.redis ? [RedisModule.for(settings)] : []),
      ],
      controllers: [BackupsController, PersistenceController],
      providers: [
        StartNote,
        StorageMarkRepository,
        {
          provide: PersistenceDoctor,
          inject: [Settings, ...(settings.redis ? [RedisConnections] : [])],
          useFactory: (known: Settings, redis?: RedisConnections) =>
            new PersistenceDoctor(known, redis ?? null),
        },
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
