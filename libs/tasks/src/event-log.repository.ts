import { Inject, Injectable } from '@nestjs/common';
import type { EntityManager } from 'typeorm';
import { LIVE_BUS, type LiveBus } from '@app/bus';
import type { NewTaskEvent, TaskEvent, TaskEventType, TaskStatus } from '@app/contracts';
import {
  changeReturning,
  Database,
  insertGiven,
  insertOf,
  type GivenColumns,
  type GivenInsert,
} from '@app/database';
import { TaskEntity } from './task.entity.js';
import { TaskLogEntity } from './task-log.entity.js';

/**
 * Who may append: the worker that holds the claim, or a person, as long as the task runs. So nothing follows the event of
 * a task's end, which is stored by the move itself.
 */
export type Writer = { fence: number } | 'anybody while it runs';

interface LogEntry {
  task: Pick<TaskEntity, 'task_id' | 'session_id' | 'fence'>;
  events: readonly NewTaskEvent[];
  firstSeq: number;
}

const ROW = {
  task_id: 'text',
  seq: 'integer',
  at: 'text',
  type: 'text',
  data: 'text',
  fence: 'integer',
} as const satisfies GivenColumns;

/**
 * The event log of a task: events get their numbers in the transaction that stores them and are published after
 * the commit, so whatever a watcher has seen can be read again, in the same order, after any crash.
 */
@Injectable()
export class EventLog {
  constructor(
    private readonly database: Database,
    @Inject(LIVE_BUS) private readonly bus: LiveBus,
  ) {}

  /** Stores and publishes. Null: the writer lost its claim, nothing was stored. */
  async append(taskId: string, events: readonly NewTaskEvent[], writer: Writer): Promise<TaskEvent[] | null> {
    const stored = await this.database.write((manager) => this.appendIn(manager, taskId, events, writer));
    if (stored) this.publish(stored);
    return stored;
  }

  /** A step of the caller's transaction; the caller publishes after its commit. */
  async appendIn(
    manager: EntityManager,
    taskId: string,
    events: readonly NewTaskEvent[],
    writer: Writer,
  ): Promise<TaskEvent[] | null> {
    const fenced = typeof writer === 'object';
    const [task] = await changeReturning<Pick<TaskEntity, 'last_seq' | 'session_id' | 'fence'>>(
      manager,
      `UPDATE tasks SET last_seq = last_seq + $1
       WHERE task_id = $2 AND status IN ('RUNNING', 'WAITING') ${fenced ? 'AND fence = $3' : ''}
       RETURNING last_seq, session_id, fence`,
      [events.length, taskId, ...(fenced ? [writer.fence] : [])],
    );
    if (!task) return null;
    const firstSeq = task.last_seq - events.length + 1;
    const numbered = this.number([{ task: { ...task, task_id: taskId }, events, firstSeq }]);
    await insertGiven(manager, numbered.insert);
    return numbered.events[0] ?? null;
  }

  /** Events of rows whose `last_seq` the caller keeps itself; the caller stores them. */
  number(entries: readonly LogEntry[]): { events: TaskEvent[][]; insert: GivenInsert } {
    const now = new Date().toISOString();
    const numbered = entries.map(({ task: { task_id, session_id }, events, firstSeq }) =>
      events.map((event, index) => ({
        ...event,
        task_id,
        session_id,
        seq: firstSeq + index,
        at: event.at ?? now,
      })),
    );
    return { events: numbered, insert: this.insertOf(entries, now) };
  }

  /** The rows alone, for events that nobody is told of. */
  insertOf(entries: readonly LogEntry[], now = new Date().toISOString()): GivenInsert {
    const rows = entries.flatMap(({ task: { task_id, fence }, events, firstSeq }) =>
      events.map(({ type, at, data }, index) => ({
        task_id,
        seq: firstSeq + index,
        at: at ?? now,
        type,
        data: JSON.stringify(data),
        fence,
      })),
    );
    return insertOf('task_logs', ROW, rows);
  }

  publish(events: TaskEvent[]): void {
    const last = events.at(-1);
    if (!last) return;
    const { task_id, session_id, seq } = last;
    this.bus.publish('task.events', { task_id, session_id, head: seq, events });
  }

  /** Tells where the log ends, for a task that nobody can be watching yet: whoever follows its session reads it. */
  announce({ task_id, session_id, last_seq }: Pick<TaskEntity, 'task_id' | 'session_id' | 'last_seq'>): void {
    this.bus.publish('task.events', { task_id, session_id, head: last_seq });
  }

  /**
   * These events as they are in the log, when they are the last that the holder of the task's claim has written; null when
   * they are not. A step of the caller's transaction.
   */
  async lastIn(
    manager: EntityManager,
    { task_id, session_id, fence }: Pick<TaskEntity, 'task_id' | 'session_id' | 'fence'>,
    events: readonly NewTaskEvent[],
  ): Promise<TaskEvent[] | null> {
    const rows = await manager.query<TaskLogEntity[]>(
      `SELECT task_id, seq, at, type, data, fence FROM task_logs WHERE task_id = $1 AND type <> 'task.input'
       ORDER BY seq DESC LIMIT $2`,
      [task_id, events.length],
    );
    rows.reverse();
    const same = events.every(({ type, at, data }, index) => {
      const row = rows[index];
      return (
        row?.fence === fence &&
        row.type === type &&
        (at === undefined || row.at === at) &&
        row.data === JSON.stringify(data)
      );
    });
    return same && events.length > 0 ? rows.map((row) => eventOf<TaskEventType>(row, session_id)) : null;
  }

  /** In order, from `afterSeq + 1`. */
  async read(taskId: string, afterSeq: number, limit: number): Promise<TaskEvent[]> {
    const rows = await this.database.read
      .createQueryBuilder(TaskLogEntity, 'log')
      .where('log.task_id = :taskId AND log.seq > :afterSeq', { taskId, afterSeq })
      .orderBy('log.seq', 'ASC')
      .take(limit)
      .getMany();
    if (rows.length === 0) return [];
    const head = await this.head(taskId);
    return rows.map((row) => eventOf<TaskEventType>(row, head?.session_id ?? null));
  }

  async head(
    taskId: string,
  ): Promise<{ status: TaskStatus; session_id: string | null; last_seq: number } | null> {
    return this.database.read.findOne(TaskEntity, {
      where: { task_id: taskId },
      select: { task_id: true, status: true, session_id: true, last_seq: true },
    });
  }

  /** Messages that people gave to a running task after `afterSeq`. */
  async inputsAfter(taskId: string, afterSeq: number): Promise<TaskEvent<'task.input'>[]> {
    const rows = await this.database.read
      .createQueryBuilder(TaskLogEntity, 'log')
      .where("log.task_id = :taskId AND log.seq > :afterSeq AND log.type = 'task.input'", {
        taskId,
        afterSeq,
      })
      .orderBy('log.seq', 'ASC')
      .getMany();
    return rows.map((row) => eventOf<'task.input'>(row, null));
  }
}

/** What the log holds was written by `insert`: this is where its type comes back. */
function eventOf<T extends TaskEventType>(row: TaskLogEntity, sessionId: string | null): TaskEvent<T> {
  const { task_id, seq, type, at, data } = row;
  return { task_id, session_id: sessionId, seq, type, at, data: JSON.parse(data) as unknown } as TaskEvent<T>;
}
