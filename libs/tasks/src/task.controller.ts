import { pipeline } from 'node:stream/promises';
import { Readable } from 'node:stream';
import { Body, Controller, Get, Headers, HttpCode, Param, Post, Query, Res } from '@nestjs/common';
import { ApiHeader, ApiTags } from '@nestjs/swagger';
import type { Response } from 'express';
import { CurrentCaller, RequireRole, type Caller } from '@app/auth';
import { AppError } from '@app/contracts';
import { PageQueryDto } from '@app/database';
import { SessionService } from '@app/sessions';
import { EventLog } from './event-log.repository.js';
import { renderEvent } from './render-log.js';
import { GiveInputDto, SubmitTaskDto } from './submit-task.dto.js';
import { SubmitTask } from './submit-task.js';
import { EventQueryDto, LogQueryDto, TaskQueryDto } from './task-query.dto.js';
import { TaskService } from './task.service.js';
import { InputAcceptedView, TaskEventListView, TaskEventView, TaskListView, TaskView } from './task.view.js';

@ApiTags('tasks')
@Controller('api')
export class TaskController {
  constructor(
    private readonly submitTask: SubmitTask,
    private readonly tasks: TaskService,
    private readonly log: EventLog,
    private readonly sessions: SessionService,
  ) {}

  @Post('tasks')
  @RequireRole('operator')
  @HttpCode(202)
  @ApiHeader({ name: 'Idempotency-Key', required: false, description: 'The same key gives the same task.' })
  async submit(
    @Body() wish: SubmitTaskDto,
    @CurrentCaller() caller: Caller,
    @Res({ passthrough: true }) response: Response,
    @Headers('idempotency-key') idempotencyKey?: string,
    @Headers('x-client') client?: string,
  ): Promise<TaskView> {
    if (idempotencyKey !== undefined && !/^[\x21-\x7e]{1,255}$/.test(idempotencyKey)) {
      throw new AppError(
        'VALIDATION_FAILED',
        'Idempotency-Key must be 1 to 255 printable characters without spaces.',
      );
    }
    const source = client === 'cli' ? 'cli' : caller.via === 'cookie' ? 'dashboard' : 'api';
    const { task, replayed } = await this.submitTask.submit(
      wish,
      { source, createdBy: caller.key_id },
      idempotencyKey,
    );
    response.setHeader('Location', `/api/tasks/${task.task_id}`);
    if (replayed) response.setHeader('Idempotency-Replayed', 'true');
    return TaskView.of(task);
  }

  /**
   * With more than one of status, agent, session_id and source, or with q, a page may hold fewer tasks than its limit, even
   * none, and not be the last: the end is where `next_cursor` is null.
   */
  @Get('tasks')
  async list(@Query() query: TaskQueryDto): Promise<TaskListView> {
    const { items, next_cursor } = await this.tasks.list(query, query);
    return { items: items.map(TaskView.of), next_cursor };
  }

  @Get('sessions/:session_id/tasks')
  async listOfSession(
    @Param('session_id') sessionId: string,
    @Query() query: PageQueryDto,
  ): Promise<TaskListView> {
    await this.sessions.get(sessionId);
    const { items, next_cursor } = await this.tasks.list({ session_id: sessionId }, query);
    return { items: items.map(TaskView.of), next_cursor };
  }

  @Get('tasks/:task_id')
  async get(@Param('task_id') taskId: string): Promise<TaskView> {
    return TaskView.of(await this.tasks.get(taskId));
  }

  @Get('tasks/:task_id/events')
  async events(@Param('task_id') taskId: string, @Query() query: EventQueryDto): Promise<TaskEventListView> {
    await this.tasks.get(taskId);
    const events = await this.log.read(taskId, query.after_seq, query.limit);
    return { items: events.map(TaskEventView.of) };
  }

  /** The whole log as text for people, or as one JSON object per line. */
  @Get('tasks/:task_id/logs')
  async logs(
    @Param('task_id') taskId: string,
    @Query() query: LogQueryDto,
    @Res() response: Response,
  ): Promise<void> {
    await this.tasks.get(taskId);
    const ndjson = query.format === 'ndjson';
    response.type(ndjson ? 'application/x-ndjson' : 'text/plain');
    await pipeline(Readable.from(this.logLines(taskId, ndjson)), response);
  }

  @Post('tasks/:task_id/cancel')
  @RequireRole('operator')
  @HttpCode(202)
  async cancel(@Param('task_id') taskId: string): Promise<TaskView> {
    return TaskView.of(await this.tasks.requestCancel(taskId));
  }

  @Post('tasks/:task_id/retry')
  @RequireRole('operator')
  @HttpCode(202)
  async retry(@Param('task_id') taskId: string, @CurrentCaller() caller: Caller): Promise<TaskView> {
    return TaskView.of(await this.tasks.retry(taskId, caller));
  }

  @Post('tasks/:task_id/input')
  @RequireRole('operator')
  @HttpCode(202)
  giveInput(
    @Param('task_id') taskId: string,
    @Body() input: GiveInputDto,
    @CurrentCaller() caller: Caller,
  ): Promise<InputAcceptedView> {
    return this.tasks.giveInput(taskId, input.text, caller);
  }

  private async *logLines(taskId: string, ndjson: boolean): AsyncGenerator<string> {
    for (let seq = 0; ;) {
      const events = await this.log.read(taskId, seq, 500);
      const last = events.at(-1);
      if (!last) return;
      seq = last.seq;
      yield events.map((event) => (ndjson ? `${JSON.stringify(event)}\n` : renderEvent(event))).join('');
    }
  }
}
