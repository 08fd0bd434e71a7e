import { Module, type DynamicModule } from '@nestjs/common';
import { AgentsModule } from '@app/agents';
import { BusModule } from '@app/bus';
import { moduleFor, SettingsModule, type Settings } from '@app/config';
import { DatabaseModule } from '@app/database';
import { QueueModule } from '@app/queue';
import { SessionsModule } from '@app/sessions';
import { EndedTaskLogsRepository } from './ended-task-logs.repository.js';
import { EventLog } from './event-log.repository.js';
import { LostClaimsRepository } from './lost-claims.repository.js';
import { MetricEntity } from './metric.entity.js';
import { QueueLimit } from './queue-limit.js';
import { RunSteps } from './run-steps.js';
import { RunStepsRepository } from './run-steps.repository.js';
import { RestingSessionsRepository } from './resting-sessions.repository.js';
import { SessionRowsRepository } from './session-rows.repository.js';
import { SubmitTask } from './submit-task.js';
import { TaskController } from './task.controller.js';
import { TaskEntity } from './task.entity.js';
import { TaskClaimsRepository } from './task-claims.repository.js';
import { TaskIntake } from './task-intake.js';
import { TaskLifecycle } from './task-lifecycle.js';
import { TaskListRepository } from './task-list.repository.js';
import { TaskLogEntity } from './task-log.entity.js';
import { TaskRepository } from './task.repository.js';
import { TaskRunsRepository } from './task-runs.repository.js';
import { TaskService } from './task.service.js';
import { UsageRepository } from './usage.repository.js';
import { WaitingTasks } from './waiting-tasks.js';

@Module({})
export class TasksModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(TasksModule, settings, () => ({
      imports: [
        SettingsModule.for(settings),
        DatabaseModule.for(settings),
        ...DatabaseModule.entities(TaskEntity, TaskLogEntity, MetricEntity),
        QueueModule.for(settings),
        BusModule.for(settings),
        SessionsModule.for(settings),
        AgentsModule.for(settings),
      ],
      controllers: [TaskController],
      providers: [
        EndedTaskLogsRepository,
        RestingSessionsRepository,
        SessionRowsRepository,
        EventLog,
        LostClaimsRepository,
        QueueLimit,
        RunSteps,
        RunStepsRepository,
        SubmitTask,
        TaskClaimsRepository,
        TaskIntake,
        TaskLifecycle,
        TaskListRepository,
        TaskRepository,
        TaskRunsRepository,
        TaskService,
        UsageRepository,
        WaitingTasks,
      ],
      exports: [
        EndedTaskLogsRepository,
        RestingSessionsRepository,
        SessionRowsRepository,
        EventLog,
        LostClaimsRepository,
        TaskLifecycle,
        TaskRunsRepository,
        TaskService,
        WaitingTasks,
      ],
    }));
  }
}
