import type { Server } from 'node:http';
import { NestFactory } from '@nestjs/core';
import type { INestApplicationContext } from '@nestjs/common';
import type { Settings } from '@app/config';
import { AppError } from '@app/contracts';
import { ClaimWatch, TaskProcessor, type ExecutionParts } from '@app/execution';
import { createLogger, HealthChecks, NestLogger } from '@app/observability';
import { Paths } from '@app/paths';
import { TASK_QUEUE, type TaskQueue } from '@app/queue';
import { assertDataDirWritable, enterDataFolder } from '@app/storage';
import { startHealthServer } from './health-server.js';
import type { Endable } from './start/end-on-signals.js';
import { explainWorkerFailure } from './start/explain-worker-failure.js';
import { endFailedStart, StartedParts } from './start/started-parts.js';
import { WorkerModule } from './worker.module.js';

/** Its clean end: takes no new task, ends or hands back the running ones, closes the connections. */
export interface RunningWorker extends Endable {
  context: INestApplicationContext;
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
  const parts = new StartedParts();
  let context: INestApplicationContext | undefined;
  let place: Awaited<ReturnType<typeof enterDataFolder>> | undefined;
  try {
    await assertDataDirWritable(new Paths(settings));
    place = await enterDataFolder(settings);
    const logger = new NestLogger(await createLogger(settings));
    context = await NestFactory.createApplicationContext(WorkerModule.for(settings, options), {
      // What fails before the parts exist is told in one sentence, not in Nest's pages of log.
      bufferLogs: true,
      autoFlushLogs: false,
      abortOnError: false,
      instrument: parts.instrument,
    });
    context.useLogger(logger);
    context.flushLogs();
    print(
      `Claude Code Agent worker ${settings.machineId} is ready for ${settings.maxConcurrentTasks} tasks at a time.`,
    );
    const running = context;
    const entered = place;
    const health = await serveHealth(running, settings);
    return {
      context: running,
      close: async () => {
        running.get(HealthChecks, { strict: false }).beginShutdown();
        await running.get(TaskProcessor, { strict: false }).drain();
        await running.close();
        health?.close();
        await entered.release();
      },
      hurry: () => running.get(TaskProcessor, { strict: false }).handBack(),
    };
  } catch (error) {
    await endFailedStart(context ?? parts, place);
    throw explainWorkerFailure(error, settings) ?? error;
  }
}

/** Null where no port is set. */
async function serveHealth(context: INestApplicationContext, settings: Settings): Promise<Server | null> {
  const { workerHealthPort: port, host } = settings;
  if (port === null) return null;
  const checks = context.get(HealthChecks, { strict: false });
  const queue = context.get<TaskQueue>(TASK_QUEUE, { strict: false });
  checks.register('queue', () => queue.check());
  return startHealthServer(
    { port, host },
    {
      live: () => context.get(ClaimWatch, { strict: false }).assertClaiming(),
      ready: async () => {
        const failing = (await checks.run()).filter(({ ok }) => !ok);
        const names = failing.map(({ name }) => name).join(', ');
        if (failing.length > 0) throw new AppError('NOT_READY', `Not ready: ${names}.`);
      },
    },
  );
}
