import { Module, type DynamicModule } from '@nestjs/common';
import { AuthModule } from '@app/auth';
import { BusModule } from '@app/bus';
import { moduleFor, type Settings } from '@app/config';
import { SessionsModule } from '@app/sessions';
import { TasksModule } from '@app/tasks';
import { SessionGateway } from './session.gateway.js';
import { TaskStreamController } from './task-stream.controller.js';
import { WatchHub } from './watch-hub.js';

@Module({})
export class LiveModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(LiveModule, settings, () => ({
      imports: [
        AuthModule.for(settings),
        BusModule.for(settings),
        SessionsModule.for(settings),
        TasksModule.for(settings),
      ],
      controllers: [TaskStreamController],
      providers: [SessionGateway, WatchHub],
    }));
  }
}
