import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, Settings, SettingsModule } from '@app/config';
import { storedKekId } from '@app/credentials';
import { DatabaseModule } from '@app/database';
import { ObservabilityModule } from '@app/observability';
import { Paths, PathsModule } from '@app/paths';
import { RedisConnections, RedisModule } from '@app/redis';
import { SessionsModule } from '@app/sessions';
import {
  Backups,
  BackupSchedule,
  Cleanup,
  StorageMarkEntity,
  StorageMarkRepository,
  StorageRoom,
  StorageUsage,
} from '@app/storage';
import { EndedTaskLogsRepository, RestingSessionsRepository, TasksModule } from '@app/tasks';
import { BackupsController } from './backups.controller.js';
import { CleanupController } from './cleanup.controller.js';
import { PersistenceController } from './persistence.controller.js';
import { PersistenceDoctor } from './persistence-doctor.js';
import { StartNote } from './start-note.js';
import { StorageProbes } from './storage-probes.js';
import { UsageController } from './usage.controller.js';
import { UsageReport } from './usage-report.js';

/** What is kept, over HTTP. Here and not in the library, which knows neither keys nor credentials. */
@Module({})
export class StorageApiModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(StorageApiModule, settings, () => ({
      imports: [
        SettingsModule.for(settings),
        PathsModule.for(settings),
        DatabaseModule.for(settings),
        SessionsModule.for(settings),
        TasksModule.for(settings),
        ObservabilityModule.for(settings),
        ...DatabaseModule.entities(StorageMarkEntity),
        ...(settings.redis ? [RedisModule.for(settings)] : []),
      ],
      controllers: [BackupsController, CleanupController, PersistenceController, UsageController],
      providers: [
        StartNote,
        StorageMarkRepository,
        StorageProbes,
        {
          provide: Cleanup,
          inject: [Settings, Paths, RestingSessionsRepository, EndedTaskLogsRepository],
          useFactory: (
            known: Settings,
            paths: Paths,
            sessions: RestingSessionsRepository,
            logs: EndedTaskLogsRepository,
          ) => new Cleanup(known, paths, { sessions, logs }),
        },
        UsageReport,
        {
          provide: StorageUsage,
          inject: [Settings, Paths],
          useFactory: (known: Settings, paths: Paths) => new StorageUsage(known, paths),
        },
        {
          provide: StorageRoom,
          inject: [Settings, Paths, StorageUsage],
          useFactory: (known: Settings, paths: Paths, usage: StorageUsage) =>
            new StorageRoom(known, paths, usage),
        },
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
      exports: [StorageRoom],
    }));
  }
}
