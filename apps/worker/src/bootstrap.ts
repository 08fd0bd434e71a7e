import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import type { Settings } from '@app/config';
import type { ExecutionParts } from '@app/execution';
import { createLogger, NestLogger } from '@app/observability';
import { Paths } from '@app/paths';
import { assertDataDirWritable } from '@app/storage';
import { explainWorkerFailure } from './start/explain-worker-failure.js';
import { WorkerModule } from './worker.module.js';

export interface RunningWorker {
  context: INestApplicationContext;
  /** Takes no new task, ends or hands back the running ones, closes the connections. */
  close(): Promise<void>;
}

export interface WorkerOptions extends ExecutionParts {
  /** Where it is said that the worker is ready; by default the standard output. */
  print?: (text: string) => void;
}

/**
 * The worker alone: no port, no web page. The settings must have the role `worker`, with which `loadSettings`
 * refuses SQLite and a missing Redis. Throws `WorkerStartError` for what can be wrong with a machine.
 */
export async function startWorker(settings: Settings, options: WorkerOptions = {}): Promise<RunningWorker> {
  const print = options.print ?? ((text) => process.stdout.write(`${text}\n`));
  try {
    await assertDataDirWritable(new Paths(settings));
    const logger = new NestLogger(await createLogger(settings));
    const context = await NestFactory.createApplicationContext(WorkerModule.for(settings, options), {
      // What fails before the parts exist is told in one sentence, not in Nest's pages of log.
      bufferLogs: true,
      autoFlushLogs: false,
      abortOnError: false,
    });
    context.useLogger(logger);
    context.flushLogs();
    print(
      `Claude Code Agent worker ${settings.machineId} is ready for ${settings.maxConcurrentTasks} tasks at a time.`,
    );
    return { context, close: () => context.close() };
  } catch (error) {
    throw explainWorkerFailure(error, settings) ?? error;
  }
}
