import { Inject, Injectable } from '@nestjs/common';
import { LIVE_BUS, type LiveBus } from '@app/bus';
import { SessionService } from '@app/sessions';
import { TaskService } from '@app/tasks';
import { ConnectionRecords } from './connection-records.js';
import type { LiveSocket } from './live-socket.js';
import { SocketWatcher, type WatcherNeeds } from './socket-watcher.js';
import { WatchHub } from './watch-hub.js';

/** Makes the watchers of sockets, and is what they need. */
@Injectable()
export class SocketWatchers implements WatcherNeeds {
  constructor(
    readonly hub: WatchHub,
    readonly tasks: TaskService,
    readonly sessions: SessionService,
    readonly records: ConnectionRecords,
    @Inject(LIVE_BUS) readonly bus: LiveBus,
  ) {}

  watcherOf(socket: LiveSocket): SocketWatcher {
    return new SocketWatcher(socket, this);
  }
}
