import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, SettingsModule, type Settings } from '@app/config';
import { AgentsModule } from '@app/agents';
import { AuthModule } from '@app/auth';
import { CredentialsModule } from '@app/credentials';
import { DatabaseModule } from '@app/database';
import { ExecutionModule, type ExecutionParts } from '@app/execution';
import { LiveModule } from '@app/live';
import { ObservabilityModule } from '@app/observability';
import { PathsModule } from '@app/paths';
import { QueueModule } from '@app/queue';
import { SessionsModule } from '@app/sessions';
import { TasksModule } from '@app/tasks';
import { WorkersModule } from '@app/workers';
import { DocsController } from './docs/docs.controller.js';
import { OpenApi } from './docs/open-api.js';
import { HealthController } from './health/health.controller.js';
import { ServiceProbes } from './health/service-probes.js';
import { OpenRequests } from './http/open-requests.js';
import { StorageApiModule } from './storage/storage-api.module.js';

/** The whole service. A library joins it with one line in `imports`. */
@Module({})
export class AppModule {
  static for(settings: Settings, parts: ExecutionParts = {}): DynamicModule {
    return moduleFor(AppModule, settings, () => ({
      imports: [
        // First, for its routes are asked for most, and each request tries the routes in their order.
        TasksModule.for(settings),
        SettingsModule.for(settings),
        PathsModule.for(settings),
        DatabaseModule.for(settings),
        AuthModule.for(settings),
        ObservabilityModule.for(settings),
        AgentsModule.for(settings),
        CredentialsModule.for(settings),
        SessionsModule.for(settings),
        QueueModule.for(settings),
        LiveModule.for(settings),
        WorkersModule.for(settings),
        StorageApiModule.for(settings),
        // A process with ROLE=api leaves the work to others.
        ...(settings.role === 'api' ? [] : [ExecutionModule.for(settings, parts)]),
      ],
      controllers: [DocsController, HealthController],
      providers: [OpenApi, OpenRequests, ServiceProbes],
    }));
  }
}
