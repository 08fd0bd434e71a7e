import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, type Settings } from '@app/config';
import { RedisConnections } from './redis-connections.js';
import { RedisFitness } from './redis-fitness.js';

/** Only imported where REDIS_URL is set. */
@Module({})
export class RedisModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(RedisModule, settings, () => ({
      providers: [
        {
          provide: RedisConnections,
          useFactory: () => {
            if (!settings.redis) throw new Error('RedisModule was imported without REDIS_URL');
            return new RedisConnections(settings.redis);
          },
        },
        {
          provide: RedisFitness,
          inject: [RedisConnections],
          useFactory: (connections: RedisConnections) => new RedisFitness(connections),
        },
      ],
      exports: [RedisConnections, RedisFitness],
    }));
  }
}
