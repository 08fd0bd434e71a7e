import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, type Settings } from '@app/config';
import { Paths } from './paths.js';

@Module({})
export class PathsModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(PathsModule, settings, () => ({
      providers: [{ provide: Paths, useValue: new Paths(settings) }],
      exports: [Paths],
    }));
  }
}
