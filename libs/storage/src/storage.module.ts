import { Module, type DynamicModule } from '@nestjs/common';
import { moduleFor, type Settings } from '@app/config';
import { Paths, PathsModule } from '@app/paths';
import { assertDataDirWritable } from './assert-data-dir-writable.js';
import { DataFiles } from './data-files.js';

@Module({})
export class StorageModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(StorageModule, settings, () => ({
      imports: [PathsModule.for(settings)],
      providers: [
        {
          provide: DataFiles,
          inject: [Paths],
          useFactory: async (paths: Paths) => {
            await assertDataDirWritable(paths);
            return new DataFiles(paths);
          },
        },
      ],
      exports: [DataFiles],
    }));
  }
}
