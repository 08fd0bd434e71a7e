import { Inject, Injectable } from '@nestjs/common';
import { LIVE_BUS, type LiveBus } from '@app/bus';
import { AppError, isTerminal, type NewTaskEvent } from '@app/contracts';
import { newId, type Page, type PageRequest } from '@app/database';
import { EventLog } from './event-log.repository.js';
import { SubmitTask } from './submit-task.js';
import type { TaskEntity } from './task.entity.js';
import { TaskLifecycle } from './task-lifecycle.js';
import { isUnheld } from './task-runs.repository.js';
import { TaskListRepository, type TaskFilter } from './task-list.repository.js';
import { TaskRepository } from './task.repository.js';

/** What people do with tasks that exist. */
@Injectable()
export class TaskService {
  constructor(
    private readonly tasks: TaskRepository,
    private readonly lists: TaskListRepository,
    private readonly lifecycle: TaskLifecycle,
    private readonly log: EventLog,
    private readonly submitTask: SubmitTask,
    @Inject(LIVE_BUS) private readonly bus: LiveBus,
  ) {}

  /** Throws TASK_NOT_FOUND. */
  async get(taskId: string): Promise<TaskEntity> {
    const task = await this.tasks.find(taskId);
    if (!task)
      throw new AppError('TASK_NOT_FOUND', `There is no task "${taskId}". GET /api/tasks lists them.`);
    return task;
  }

  list(filter: TaskFilter, request: PageRequest): Promise<Page<TaskEntity>> {
    return this.lists.list(filter, request);
  }

  tasksOfSession(sessionId: string): Promise<Pick<TaskEntity, 'task_id' | 'status' | 'last_seq'>[]> {
    return this.tasks.ofSession(sessionId);
  }

  /** A queued task is cancelled at once, a running one once its processes are gone. Throws ALREADY_TERMINAL. */
  async requestCancel(taskId: string): Promise<TaskEntity> {
    await this.get(taskId);
    const accepted = await this.lifecycle.requestCancel(taskId);
    const task = await this.get(taskId);
    if (accepted) return task;
    throw new AppError(
      'ALREADY_TERMINAL',
      `The task is ${task.status} already. There is nothing left to cancel.`,
    );
  }

  /** Stores a message for a running task and tells the worker. Throws NOT_RUNNING. */
  async giveInput(taskId: string, text: string, caller: { key_id: string }): Promise<{ message_id: string }> {
    const task = await this.get(taskId);
    if (task.status === 'WAITING' && isUnheld(task)) {
      throw new AppError(
        'NOT_RUNNING',
        'The task waits without a worker. Give the message when it runs again.',
      );
    }
    const message_id = newId();
    const input: NewTaskEvent = { type: 'task.input', data: { message_id, text, by: caller.key_id } };
    if (!(await this.log.append(taskId, [input], 'anybody while it runs'))) {
      throw new AppError(
        'NOT_RUNNING',
        `The task does not run. Submit another task with session_id "${task.session_id ?? ''}" to go on.`,
      );
    }
    this.bus.publish('task.input_given', { task_id: taskId, message_id, text });
    return { message_id };
  }

  /** The same work as a new task in the same session. Throws NOT_TERMINAL. */
  async retry(taskId: string, caller: { key_id: string }): Promise<TaskEntity> {
    const old = await this.get(taskId);
    if (!isTerminal(old.status)) {
      throw new AppError('NOT_TERMINAL', `The task is ${old.status}. Cancel it first, or wait for its end.`);
    }
    const { task } = await this.submitTask.submit(
      {
        prompt: old.prompt ?? '',
        ...(old.agent ? { agent: old.agent } : {}),
        ...(old.session_id ? { session_id: old.session_id } : {}),
        ...(old.model ? { model: old.model } : {}),
        ...(old.limits ? { limits: old.limits } : {}),
        ...(old.source_metadata ? { metadata: old.source_metadata } : {}),
        ...(old.asked_attempts ? { max_attempts: old.asked_attempts } : {}),
        priority: old.priority,
      },
      { source: 'retry', createdBy: caller.key_id, parentTaskId: old.task_id },
    );
    return task;
  }
}
