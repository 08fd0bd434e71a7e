import { Test, type TestingModule } from '@nestjs/testing';
import { LIVE_BUS, type LiveBus } from '@app/bus';
import { loadSettings } from '@app/config';
import { Database } from '@app/database';
import {
  EventLog,
  LostClaimsRepository,
  TaskLifecycle,
  TaskRunsRepository,
  TaskService,
  TasksModule,
} from '@app/tasks';
import type { Claim, TaskEntity } from '@app/tasks';
import { RunningTasks } from '@app/execution';
import { Reaper } from '../../../libs/execution/src/reaper.js';
import { SubmitTask } from '../../../libs/tasks/src/submit-task.js';
import { tempDataDir, type SetUp } from '../../support/index.js';

/** Tasks and their moves on a real database, and nobody that answers a bell: the test is the worker. */
export class TaskBench {
  private constructor(private readonly module: TestingModule) {}

  static async open({ environment }: SetUp): Promise<TaskBench> {
    const settings = loadSettings({
      ...(await environment()),
      DATA_DIR: await tempDataDir(),
      LOG_LEVEL: 'silent',
    });
    const module = await Test.createTestingModule({ imports: [TasksModule.for(settings)] }).compile();
    module.useLogger(false);
    await module.init();
    return new TaskBench(module);
  }

  close(): Promise<void> {
    return this.module.close();
  }

  get lifecycle(): TaskLifecycle {
    return this.module.get(TaskLifecycle);
  }

  get runs(): TaskRunsRepository {
    return this.module.get(TaskRunsRepository);
  }

  get log(): EventLog {
    return this.module.get(EventLog);
  }

  get tasks(): TaskService {
    return this.module.get(TaskService);
  }

  newReaper(lifecycle: TaskLifecycle = this.lifecycle, running = new RunningTasks()): Reaper {
    return new Reaper(lifecycle, this.runs, this.module.get(LostClaimsRepository), running);
  }

  async submit(wish: { session_id?: string; max_attempts?: number } = {}): Promise<TaskEntity> {
    const { task } = await this.module
      .get(SubmitTask)
      .submit({ prompt: 'Anything.', ...wish }, { source: 'api', createdBy: null });
    return task;
  }

  /** Claims by the current bell; null when that is refused. */
  async tryClaim(taskId: string, leaseSeconds = 60): Promise<Claim | null> {
    const { generation } = await this.tasks.get(taskId);
    const claimed = await this.lifecycle.claim({ taskId, generation }, 'test', leaseSeconds);
    return claimed && { taskId, fence: claimed.task.fence };
  }

  async claim(taskId: string, leaseSeconds = 60): Promise<Claim> {
    const claim = await this.tryClaim(taskId, leaseSeconds);
    if (!claim) throw new Error('the task could not be claimed');
    return claim;
  }

  /** Claims, and writes down that the run begins. */
  async begin(taskId: string): Promise<Claim> {
    const claim = await this.claim(taskId);
    const { attempt, asked_attempts } = await this.tasks.get(taskId);
    const max_attempts = asked_attempts || 1;
    await this.lifecycle.start(
      claim,
      { agent: 'brain', agent_source: 'built-in', agent_digest: 'none', max_attempts },
      {
        type: 'task.started',
        data: {
          attempt,
          max_attempts,
          machine_id: 'test',
          agent: 'brain',
          agent_source: 'built-in',
          resumed: false,
        },
      },
    );
    return claim;
  }

  /** As if its worker had been silent for long. */
  async expire(taskId: string): Promise<void> {
    await this.change(taskId, `lease_until = '2000-01-01T00:00:00.000Z'`);
  }

  async change(taskId: string, assignment: string): Promise<void> {
    await this.database.write((manager) =>
      manager.query(`UPDATE tasks SET ${assignment} WHERE task_id = '${taskId}'`),
    );
  }

  get database(): Database {
    return this.module.get(Database, { strict: false });
  }

  /** A provider of the tasks. */
  get<T>(type: new (...dependencies: never[]) => T): T {
    return this.module.get<T>(type);
  }

  get bus(): LiveBus {
    return this.module.get<LiveBus>(LIVE_BUS, { strict: false });
  }

  rows(table: string, column: string, value: string | null): Promise<Record<string, unknown>[]> {
    return this.database.read.query(`SELECT * FROM ${table} WHERE ${column} = $1`, [value]);
  }

  async eventTypes(taskId: string): Promise<string[]> {
    return (await this.log.read(taskId, 0, 1000)).map(({ type }) => type);
  }
}
