import { Module, type DynamicModule } from '@nestjs/common';
import { AuthModule } from '@app/auth';
import { BusModule } from '@app/bus';
import { moduleFor, type Settings } from '@app/config';
import { SessionsModule } from '@app/sessions';
import { TasksModule } from '@app/tasks';
import { WorkersModule } from '@app/workers';
import { CallerWatch } from './caller-watch.js';
import { ConnectionRecords } from './connection-records.js';
import { SessionGateway } from './session.gateway.js';
import { SocketWatchers } from './socket-watchers.js';
import { TaskStreamController } from './task-stream.controller.js';
import { WatchHub } from './watch-hub.js';

/** What people see while it happens: Socket.IO and Server-Sent Events over the same cursors. */
@Module({})
export class LiveModule {
  static for(settings: Settings): DynamicModule {
    return moduleFor(LiveModule, settings, () => ({
      imports: [
        AuthModule.for(settings),
        BusModule.for(settings),
        SessionsModule.for(settings),
        TasksModule.for(settings),
        WorkersModule.for(settings),
      ],
      controllers: [TaskStreamController],
      providers: [CallerWatch, ConnectionRecords, SessionGateway, SocketWatchers, WatchHub],
    }));
  }
}
