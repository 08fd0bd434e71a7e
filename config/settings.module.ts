import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor } from './module-for.js';
import { Settings } from './settings.js';

/** Makes `Settings` injectable. */
@Module({})
export class SettingsModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(SettingsModule, settings, () => ({
      providers: [{ provide: Settings, useValue: settings }],
      exports: [Settings],
    }));
  }
}
