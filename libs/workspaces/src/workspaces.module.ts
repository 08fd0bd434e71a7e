import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, type Settings } from '@app/config';
import { PathsModule } from '@app/paths';
import { Workspaces } from './workspaces.js';

@Module({})
export class WorkspacesModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(WorkspacesModule, settings, () => ({
      imports: [PathsModule.for(settings)],
      providers: [Workspaces],
      exports: [Workspaces],
    }));
  }
}
