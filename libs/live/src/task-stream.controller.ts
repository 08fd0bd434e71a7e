import { Controller, Get, Headers, Param, Query, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import type { Request, Response } from 'express';
import { CurrentCaller, type Caller } from '@app/auth';
import { AppError, isTerminalEvent, type TaskEvent } from '@app/contracts';
import { SessionConnections } from '@app/sessions';
import { TaskService } from '@app/tasks';
import { WatchHub } from './watch-hub.js';

const PING_MS = 15_000;

class StreamQueryDto {
  /** Events behind this seq; `Last-Event-ID` wins. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  after_seq?: number;
}

@ApiTags('tasks')
@Controller('api/tasks')
export class TaskStreamController {
  constructor(
    private readonly tasks: TaskService,
    private readonly hub: WatchHub,
    private readonly connections: SessionConnections,
  ) {}

  /** The events of a task as Server-Sent Events, up to its end. `id` is the seq: browsers resume by themselves. */
  @Get(':task_id/stream')
  async stream(
    @Param('task_id') taskId: string,
    @Query() query: StreamQueryDto,
    @CurrentCaller() caller: Caller,
    @Req() request: Request,
    @Res() response: Response,
    @Headers('last-event-id') lastEventId?: string,
  ): Promise<void> {
    const after = lastEventId === undefined ? (query.after_seq ?? 0) : placeOf(lastEventId);
    const task = await this.tasks.get(taskId);
    const connectionId = task.session_id
      ? await this.connections.open({
          session_id: task.session_id,
          transport: 'sse',
          remote_address: request.socket.remoteAddress ?? null,
          user_agent: request.headers['user-agent']?.slice(0, 500) ?? null,
          key_id: caller.key_id,
        })
      : null;
    response.writeHead(200, {
      'Content-Type': 'text/event-stream',
      'Cache-Control': 'no-store',
      'X-Accel-Buffering': 'no',
    });
    response.flushHeaders();
    const ping = setInterval(() => response.write(': ping\n\n'), PING_MS);
    const end = this.hub.watchTask(taskId, after, sinkOf(response), () => undefined);
    response.on('close', () => {
      clearInterval(ping);
      end();
      if (connectionId) void this.connections.close(connectionId).catch(() => undefined);
    });
    // Everything, its end included, was seen before: there is nothing to wait for.
    if (task.completed_at && after >= task.last_seq) response.end();
  }
}

function sinkOf(response: Response) {
  return {
    send: (events: TaskEvent[]) => {
      for (const event of events) {
        response.write(`id: ${event.seq}\nevent: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`);
        if (isTerminalEvent(event.type)) response.end();
      }
    },
    room: () =>
      response.writableNeedDrain
        ? new Promise<void>((resolve) => {
            response.once('drain', resolve);
            response.once('close', resolve);
          })
        : null,
  };
}

function placeOf(lastEventId: string): number {
  if (!/^\d{1,9}$/.test(lastEventId))
    throw new AppError('BAD_CURSOR', 'Last-Event-ID must be a seq of this stream.');
  return Number(lastEventId);
}
