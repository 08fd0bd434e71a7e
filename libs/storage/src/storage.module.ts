import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, type Settings } from '@app/config';
import { Paths, PathsModule } from '@app/paths';
import { DataFiles } from './data-files.js';

/** That DATA_DIR can be written is proved once, before anything is opened: `assertDataDirWritable`. */
@Module({})
export class StorageModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(StorageModule, settings, () => ({
      imports: [PathsModule.for(settings)],
      providers: [
        { provide: DataFiles, inject: [Paths], useFactory: (paths: Paths) => new DataFiles(paths) },
      ],
      exports: [DataFiles],
    }));
  }
}
