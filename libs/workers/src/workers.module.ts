import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, SettingsModule, type Settings } from '@app/config';
import { DatabaseModule } from '@app/database';
import { PathsModule } from '@app/paths';
import { WorkerEntity } from './worker.entity.js';
import { WorkerPresence } from './worker-presence.js';
import { WorkerRepository } from './worker.repository.js';
import { WorkersController } from './workers.controller.js';

/** The processes of the service, known to each other through the database. */
@Module({})
export class WorkersModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(WorkersModule, settings, () => ({
      imports: [
        SettingsModule.for(settings),
        PathsModule.for(settings),
        DatabaseModule.for(settings),
        ...DatabaseModule.entities(WorkerEntity),
      ],
      controllers: [WorkersController],
      providers: [WorkerPresence, WorkerRepository],
      exports: [WorkerPresence, WorkerRepository],
    }));
  }
}
