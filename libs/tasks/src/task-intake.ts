import { Injectable } from '@nestjs/common';
import type { NewTaskEvent } from '@app/contracts';
import { Database, insertGiven, WriteBatches, type Transaction } from '@app/database';
import { OutboxRelay, OutboxRepository } from '@app/queue';
import { SessionRepository } from '@app/sessions';
import { EventLog } from './event-log.repository.js';
import type { TaskEntity } from './task.entity.js';
import { TaskRepository } from './task.repository.js';
import { bellOf } from './task-runs.repository.js';

/** A task that is made and not yet stored; its session too, when it is to begin with it. */
export interface IntakeItem {
  task: TaskEntity;
  newSession: boolean;
}

/**
 * While one batch is being stored the next one grows, because fewer and larger batches cost less. After the patience it
 * begins beside it: the first one may be waiting for a lock.
 */
const LIMITS = { largest: 200, atOnce: 2, patienceMs: 100 };

/**
 * Stores new tasks, those that come together in one transaction: the rows, their first events, their sessions and
 * their bells. Published and rung for after the commit.
 */
@Injectable()
export class TaskIntake {
  private readonly batches = new WriteBatches<IntakeItem, true>(LIMITS, (items) => this.storeAll(items));

  constructor(
    private readonly database: Database,
    private readonly tasks: TaskRepository,
    private readonly log: EventLog,
    private readonly sessions: SessionRepository,
    private readonly outbox: OutboxRepository,
    private readonly relay: OutboxRelay,
  ) {}

  /** Resolves when the task is committed. Sets its `last_seq`. */
  async store(item: IntakeItem): Promise<void> {
    await this.batches.store(item);
  }

  private async storeAll(items: readonly IntakeItem[]): Promise<true[]> {
    const tasks = items.map(({ task }) => task);
    const entries = tasks.map((task) => ({ task, events: firstEvents(task), firstSeq: 1 }));
    for (const { task, events } of entries) task.last_seq = events.length;
    const bells = this.outbox.rowsOf(tasks.map(bellOf));
    const begun = items.filter(({ newSession }) => newSession).map(({ task }) => task);
    const inserts = [
      this.sessions.insertOf(begun.map(firstTaskSession)),
      this.tasks.insertOf(tasks),
      this.log.insertOf(entries),
      this.outbox.insertOf(bells),
    ];
    if (begun.length === items.length) await this.database.insert(...inserts);
    else
      await this.database.write(async (manager) => {
        await this.countTasks(manager, items);
        await insertGiven(manager, ...inserts);
      });
    for (const task of tasks) this.log.announce(task);
    this.relay.wake(bells);
    return items.map(() => true);
  }

  private async countTasks(manager: Transaction, items: readonly IntakeItem[]): Promise<void> {
    const added = new Map<string, number>();
    for (const { task, newSession } of items) {
      if (!newSession && task.session_id) added.set(task.session_id, (added.get(task.session_id) ?? 0) + 1);
    }
    // In one order everywhere: two batches that lock the same sessions must not wait for each other.
    for (const [sessionId, count] of [...added].sort(([a], [b]) => (a < b ? -1 : 1)))
      await this.sessions.countTasks(manager, sessionId, count);
  }
}

function firstTaskSession(task: TaskEntity) {
  return {
    session_id: task.session_id ?? '',
    title: (task.prompt ?? '').trim().split('\n')[0]?.slice(0, 120) ?? null,
    agent: task.agent,
    created_by: task.created_by,
    total_tasks: 1,
  };
}

function firstEvents(task: TaskEntity): NewTaskEvent[] {
  return [
    { type: 'task.created', data: { agent: task.agent, source: task.source, prompt: task.prompt ?? '' } },
    { type: 'task.queued', data: {} },
  ];
}
