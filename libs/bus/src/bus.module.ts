import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, type Settings } from '@app/config';
import { RedisConnections, RedisModule } from '@app/redis';
import { InMemoryLiveBus } from './in-memory-live-bus.js';
import { LIVE_BUS } from './live-bus.js';
import { RedisLiveBus } from './redis-live-bus.js';

/** The bus that fits the settings. */
@Module({})
export class BusModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(BusModule, settings, () =>
      settings.redis
        ? {
            imports: [RedisModule.for(settings)],
            providers: [
              {
                provide: LIVE_BUS,
                inject: [RedisConnections],
                useFactory: (connections: RedisConnections) => new RedisLiveBus(connections),
              },
            ],
            exports: [LIVE_BUS],
          }
        : { providers: [{ provide: LIVE_BUS, useClass: InMemoryLiveBus }], exports: [LIVE_BUS] },
    );
  }
}
