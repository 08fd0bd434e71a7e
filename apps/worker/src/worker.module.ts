import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, SettingsModule, type Settings } from '@app/config';
import { DatabaseModule } from '@app/database';
import { ExecutionModule, type ExecutionParts } from '@app/execution';
import { ObservabilityModule } from '@app/observability';
import { PathsModule } from '@app/paths';
import { QueueModule } from '@app/queue';

/** What runs tasks, and nothing that listens. */
@Module({})
export class WorkerModule {
  static for(settings: Settings, parts: ExecutionParts = {}): DynamicModule {
    return moduleFor(WorkerModule, settings, () => ({
      imports: [
        SettingsModule.for(settings),
        PathsModule.for(settings),
        DatabaseModule.for(settings),
        ObservabilityModule.for(settings),
        QueueModule.for(settings),
        ExecutionModule.for(settings, parts),
      ],
    }));
  }
}
