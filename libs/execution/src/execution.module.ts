import { Module, type DynamicModule } from '@nestjs/common';
import { AgentsModule } from '@app/agents';
import { BusModule } from '@app/bus';
import { hostEnvironment, moduleFor, SettingsModule, type Settings } from '@app/config';
import { CredentialsModule } from '@app/credentials';
import { createClaudeCodeEngine, type AgentEngine } from '@app/engines';
import { Paths, PathsModule } from '@app/paths';
import { QueueModule } from '@app/queue';
import { SessionsModule } from '@app/sessions';
import { TasksModule } from '@app/tasks';
import { WorkersModule } from '@app/workers';
import { WorkspacesModule } from '@app/workspaces';
import { ClaimWatch } from './claim-watch.js';
import { EngineRuns } from './engine-runs.js';
import { LeaseKeeper } from './lease-keeper.js';
import { OrphanWatch } from './orphan-watch.js';
import { QuotaWatch } from './quota-watch.js';
import { Reaper } from './reaper.js';
import { Reconciler } from './reconciler.js';
import { AGENT_ENGINE, AGENT_RUN_CONFIG } from './run-config.js';
import { RunAccounts } from './run-accounts.js';
import { RunEnds } from './run-ends.js';
import { RunPreparation } from './run-preparation.js';
import { RunPump } from './run-pump.js';
import { RunningTasks } from './running-tasks.js';
import { TaskProcessor } from './task.processor.js';
import { TaskRunner } from './task-runner.js';

/** What the program that starts the service may replace. Not settings: nothing in an environment leads here. */
export interface ExecutionParts {
  /** Instead of Claude Code. */
  engine?: AgentEngine;
}

/** The worker. Processes with ROLE=api do not import it. */
@Module({})
export class ExecutionModule {
  static for(settings: Settings, { engine }: ExecutionParts = {}): DynamicModule {
    return moduleFor(ExecutionModule, settings, () => ({
      imports: [
        SettingsModule.for(settings),
        PathsModule.for(settings),
        QueueModule.for(settings),
        BusModule.for(settings),
        CredentialsModule.for(settings),
        AgentsModule.for(settings),
        SessionsModule.for(settings),
        WorkspacesModule.for(settings),
        TasksModule.for(settings),
        WorkersModule.for(settings),
      ],
      providers: [
        {
          provide: AGENT_ENGINE,
          inject: [Paths],
          useFactory: (paths: Paths) =>
            engine ?? createClaudeCodeEngine({ hostEnv: hostEnvironment(), configDir: paths.claudeConfig }),
        },
        {
          provide: AGENT_RUN_CONFIG,
          inject: [Paths],
          useFactory: (paths: Paths) => ({ configDir: paths.claudeConfig }),
        },
        ClaimWatch,
        EngineRuns,
        LeaseKeeper,
        OrphanWatch,
        QuotaWatch,
        Reaper,
        Reconciler,
        RunAccounts,
        RunEnds,
        RunPreparation,
        RunPump,
        RunningTasks,
        TaskProcessor,
        TaskRunner,
      ],
      exports: [AGENT_ENGINE, ClaimWatch, RunningTasks, TaskProcessor],
    }));
  }
}
