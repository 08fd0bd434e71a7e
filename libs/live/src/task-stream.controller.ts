import { Controller, Get, Headers, Param, Query, Req, Res } from '@nestjs/common';
import { ApiHeader, ApiProduces, ApiTags } from '@nestjs/swagger';
import type { Request, Response } from 'express';
import { CurrentCaller, type Caller } from '@app/auth';
import { isTerminal } from '@app/contracts';
import { TaskService } from '@app/tasks';
import { CallerWatch } from './caller-watch.js';
import { ConnectionRecords } from './connection-records.js';
import { EventStream } from './event-stream.js';
import { parsePlace, StreamQueryDto } from './live-request.dto.js';
import { WatchHub } from './watch-hub.js';

@ApiTags('tasks')
@Controller('api/tasks')
export class TaskStreamController {
  constructor(
    private readonly tasks: TaskService,
    private readonly hub: WatchHub,
    private readonly records: ConnectionRecords,
    private readonly callers: CallerWatch,
  ) {}

  /**
   * The events of a task as Server-Sent Events, up to its end: `id` is the seq, `event` the type, `data` the event as
   * JSON. After a break it goes on behind `Last-Event-ID`; 204 says that nothing more will come.
   */
  @Get(':task_id/stream')
  @ApiProduces('text/event-stream')
  @ApiHeader({ name: 'Last-Event-ID', required: false, description: 'Wins over after_seq.' })
  async stream(
    @Param('task_id') taskId: string,
    @Query() query: StreamQueryDto,
    @CurrentCaller() caller: Caller,
    @Req() request: Request,
    @Res() response: Response,
    @Headers('last-event-id') lastEventId?: string,
  ): Promise<void> {
    const after = parsePlace(lastEventId ?? query.after_seq ?? '0');
    const task = await this.tasks.get(taskId);
    // The reader may have left while the task was looked for; its `close` is over then.
    if (response.destroyed) return;
    if (isTerminal(task.status) && after >= task.last_seq) {
      // Anything else would make browsers connect again and again.
      response.status(204).end();
      return;
    }
    const stream = new EventStream(response);
    const ends = [
      this.callers.hold(caller, () => response.destroy()),
      this.hub.watchTask({
        taskId,
        afterSeq: after,
        sink: stream,
        known: task,
        onHead: () => undefined,
        onEnd: () => stream.end(),
      }),
      task.session_id ? this.records.begin(connectionOf(request, task.session_id, caller)) : () => undefined,
    ];
    response.on('close', () => ends.forEach((end) => end()));
  }
}

function connectionOf(request: Request, sessionId: string, caller: Caller) {
  return {
    session_id: sessionId,
    transport: 'sse',
    remote_address: request.socket.remoteAddress ?? null,
    user_agent: request.headers['user-agent']?.slice(0, 500) ?? null,
    key_id: caller.key_id,
  };
}
