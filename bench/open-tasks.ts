import { Test, type TestingModule } from '@nestjs/testing';
import { loadSettings } from '@app/config';
import { TasksModule } from '@app/tasks';
import { withFolder } from './surroundings.js';

/** The library of tasks on a real database, in this process. What works by a timer begins with `module.init()`. */
export function withTasks<T>(
  environment: Record<string, string>,
  use: (module: TestingModule) => Promise<T>,
): Promise<T> {
  return withFolder(async (folder) => {
    const settings = loadSettings({ DATA_DIR: folder, LOG_LEVEL: 'silent', ...environment });
    const module = await Test.createTestingModule({ imports: [TasksModule.for(settings)] }).compile();
    module.useLogger(false);
    try {
      return await use(module);
    } finally {
      await module.close();
    }
  });
}
