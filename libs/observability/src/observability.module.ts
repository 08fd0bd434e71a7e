import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, type Settings } from '@app/config';
import { Database, DatabaseModule } from '@app/database';
import { HealthChecks } from './health-checks.js';

@Module({})
export class ObservabilityModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(ObservabilityModule, settings, () => ({
      imports: [DatabaseModule.for(settings)],
      providers: [
        {
          provide: HealthChecks,
          inject: [Database],
          useFactory: (database: Database) => {
            const checks = new HealthChecks();
            checks.register('database', () => database.ping());
            return checks;
          },
        },
      ],
      exports: [HealthChecks],
    }));
  }
}
